import type { Exchange } from '../../engine/exchange.ts';
import type { JsonObject } from '../../engine/simulated-call.ts';
import { isObject, textOr } from '../shape.ts';
import { models } from './models.ts';
import type { ModelRules, ThinkingType } from './models.ts';
import { refuse } from './refusals.ts';
import { blocksOfType } from './turns.ts';
import type { Turn } from './turns.ts';

const HIGH_EFFORTS = ['xhigh', 'max'];

/** Efforts are listed by their names, as the provider lists them. */
export function checkEffort(body: JsonObject, model: ModelRules): void {
  const effort = effortOf(body);
  if (effort === undefined) return;
  if (model.efforts.length === 0) refuse('This model does not support the effort parameter.');
  if (model.efforts.some((each) => each === effort)) return;
  const levels = model.efforts.toSorted().join(', ');
  refuse(`This model does not support effort level '${effort}'. Supported levels: ${levels}.`);
}

/** How the model is to think, and what may be said beside it. */
export function checkThinking(body: JsonObject, model: ModelRules): void {
  const thinking = body['thinking'];
  if (!isObject(thinking)) return;
  const type = textOr(thinking['type']) as ThinkingType;
  if (!model.thinking.includes(type)) {
    const allowed = model.thinking.map((each) => `"${each}"`).join(', ');
    refuse(
      `thinking: \`thinking.type\` "${type}" is not supported on this model. Supported values: ${allowed}.`,
    );
  }
  const effort = effortOf(body);
  const isHigh = HIGH_EFFORTS.includes(effort ?? '');
  if (type === 'disabled' && isHigh && !model.disablesThinkingAboveHigh) {
    refuse(`thinking: thinking may not be disabled with \`output_config.effort\` "${effort}" on this model.`);
  }
  if (type === 'between_tools' && isHigh) {
    refuse(
      `thinking: \`thinking.type\` "between_tools" does not support \`output_config.effort\` "${effort}".`,
    );
  }
  if (type === 'disabled' || type === 'between_tools') return;
  if (
    type === 'enabled' &&
    Number(body['max_tokens'] ?? Number.POSITIVE_INFINITY) <= Number(thinking['budget_tokens'])
  ) {
    refuse(
      '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size',
    );
  }
  checkBesideThinking(body, type);
}

function checkBesideThinking(body: JsonObject, type: ThinkingType): void {
  const temperature = body['temperature'];
  if (temperature !== undefined && temperature !== 1) {
    refuse(
      '`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking',
    );
  }
  if (body['top_k'] !== undefined)
    refuse('`top_k` must be unset when thinking is enabled or in adaptive mode.');
  const topP = body['top_p'];
  if (topP !== undefined && Number(topP) < 0.95) {
    refuse(
      '`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled or in adaptive mode.',
    );
  }
  const choice = body['tool_choice'];
  const isForced = isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool');
  // Adaptive thinking gives way to a forced tool (recorded 2026-08).
  if (isForced && type === 'enabled') {
    refuse('Thinking may not be enabled when tool_choice forces tool use.');
  }
}

export function checkSampling(body: JsonObject, rules: { model: ModelRules; version: string }): void {
  const given = ['temperature', 'top_p', 'top_k'].filter((name) => body[name] !== undefined);
  const first = given[0];
  if (first === undefined) return;
  if (rules.version === '2026-10-21')
    refuse(`${first}: Extra inputs are not permitted with anthropic-version 2026-10-21`);
  const { temperature, top_p: topP } = body as { temperature?: number; top_p?: number };
  const isDefault = (temperature ?? 1) === 1 && (topP ?? 1) >= 0.99 && body['top_k'] === undefined;
  if (!rules.model.takesSampling && !isDefault) {
    refuse(`\`${first}\` is not supported on this model. Remove it or use the default.`);
  }
  if (
    rules.model.takesSampling &&
    !rules.model.takesBothSamplings &&
    temperature !== undefined &&
    topP !== undefined
  ) {
    refuse('`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
  }
}

/** Thinking that comes back is ours, unchanged, and where it was. */
export function checkReturnedThinking(
  turns: readonly Turn[],
  context: { body: JsonObject; model: ModelRules; exchange: Exchange },
): void {
  for (const turn of turns) {
    for (const { block, path } of blocksOfType(turn, 'thinking')) {
      if (!isGenuine(block, context)) refuse(`${path}: Invalid \`signature\` in \`thinking\` block`);
    }
    for (const { block, path } of blocksOfType(turn, 'redacted_thinking')) {
      if (!context.exchange.isOwnSignature(textOr(block['data']), 'redacted', context.model.id)) {
        refuse(`${path}: Invalid \`data\` in \`redacted_thinking\` block`);
      }
    }
  }
  checkOpenToolLoop(turns, context.body);
}

/** Models that do not bind their thinking take what a sibling signed. */
function isGenuine(
  block: JsonObject,
  { model, exchange }: { model: ModelRules; exchange: Exchange },
): boolean {
  const signature = textOr(block['signature']);
  const text = textOr(block['thinking']);
  const signers = model.bindsThinking ? [model] : models;
  return signers.some(({ id }) => exchange.isOwnSignature(signature, text, id));
}

/** With a thinking budget, the assistant turn that waits for its tool results begins with its thinking. */
function checkOpenToolLoop(turns: readonly Turn[], body: JsonObject): void {
  const thinking = body['thinking'];
  if (!isObject(thinking) || thinking['type'] !== 'enabled') return;
  const spoken = turns.filter((turn) => turn.role !== 'system');
  const asking = spoken.at(-2);
  const first = asking?.blocks[0];
  if (
    asking?.role !== 'assistant' ||
    first === undefined ||
    blocksOfType(spoken.at(-1), 'tool_result').length === 0
  )
    return;
  const type = textOr(first.block['type']);
  if (type === 'thinking' || type === 'redacted_thinking') return;
  refuse(
    `${first.path}.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${type}\`. When \`thinking\` is enabled, ` +
      'a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). ' +
      'We recommend you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`.',
  );
}

export function effortOf(body: JsonObject): string | undefined {
  const config = body['output_config'];
  const effort = isObject(config) ? config['effort'] : undefined;
  return typeof effort === 'string' ? effort : undefined;
}
