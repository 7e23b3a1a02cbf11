import type { Json, JsonObject } from '../../engine/simulated-call.ts';
import type { OpenAiModel } from './models.ts';
import { invalid } from './refusals.ts';

/** Parameters that steer sampling, with the one value every model takes. */
const samplingDefaults: Readonly<Record<string, Json>> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  logprobs: false,
  top_logprobs: 0,
  logit_bias: null,
};

/** Reasoning models take sampling parameters only at effort `none`, or never. */
export function checkSampling(body: JsonObject, model: OpenAiModel, effort: string | undefined): void {
  if (model.reasoning === undefined) return;
  if (model.reasoning.sampling === 'at-effort-none' && effort === 'none') return;
  for (const [name, usual] of Object.entries(samplingDefaults)) {
    const value = body[name];
    if (value === undefined || value === null || value === usual) continue;
    if (name === 'temperature') {
      throw invalid(
        `Unsupported value: 'temperature' does not support ${JSON.stringify(value)} with this model. ` +
          'Only the default (1) value is supported.',
        name,
        'unsupported_value',
      );
    }
    throw invalid(
      `Unsupported parameter: '${name}' is not supported with this model.`,
      name,
      'unsupported_parameter',
    );
  }
}

/** The effort in force, after refusing one the model does not have. */
export function checkEffort(asked: Json | undefined, model: OpenAiModel, param: string): string | undefined {
  if (typeof asked !== 'string') return model.reasoning?.defaultEffort;
  if (model.reasoning === undefined) {
    throw invalid(
      `Unsupported parameter: '${param}' is not supported with this model.`,
      param,
      'unsupported_parameter',
    );
  }
  if (!model.reasoning.efforts.includes(asked)) {
    const known = model.reasoning.efforts.map((effort) => `'${effort}'`);
    throw invalid(
      `Unsupported value: '${asked}' is not supported with the '${model.id}' model. ` +
        `Supported values are: ${known.slice(0, -1).join(', ')}${known.length > 1 ? ', and ' : ''}${known.at(-1)}.`,
      param,
      'unsupported_value',
    );
  }
  return asked;
}
