/**
 * What every OpenAI endpoint of the simulator shares: model facts, error bodies and their wording, schema and media
 * rules, the opening of a request. Must not know what any one endpoint accepts or answers. Begin at `open-request.ts`.
 */
export { checkContextLength, isRefusalAsked } from './checks.ts';
export { chooseModel } from './choose-model.ts';
export { invalid, OpenAiRefusal, refuseFirstFault, shapeRefusal } from './refusals.ts';
export { models, unlistedModel, findModel } from './models.ts';
export type { OpenAiModel } from './models.ts';
export { openRequest, withRefusals } from './open-request.ts';
export { audioTokens, fileTokens, imageTokens, requireImageUrl } from './media.ts';
export { addSegment, cachingOf } from './prompt-segments.ts';
export type { Prompt } from './prompt-segments.ts';
export { checkFunctionSchema, checkStrictSchema } from './strict-schema.ts';
export { checkEffort, checkSampling } from './model-rules.ts';
export { dataFrame, doneFrame, namedFrame } from './sse.ts';
export { thinkingBudget } from './thinking-budget.ts';
export { logprobsOf } from './logprobs.ts';
