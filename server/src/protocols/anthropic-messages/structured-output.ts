import { withObjectRoot } from '../canonical/object-root.ts';
import type { CanonicalRequest, FunctionTool, JsonObject } from '../canonical/request.ts';
import { traitsOf } from './model-traits.ts';

/**
 * How one request gets its structured output from a Claude model. The encoder and the decoder both ask here, with the
 * same request, so that what one does the other undoes.
 */
type StructuredPlan =
  | { readonly kind: 'none' }
  /** `output_config.format`. */
  | { readonly kind: 'native'; readonly schema: JsonObject }
  /** Older models: one forced tool whose arguments are the answer's text. */
  | { readonly kind: 'json-tool'; readonly schema: JsonObject }
  /** Models that refuse forced tools: the tool's schema as the format, the text returned as that tool's call. */
  | { readonly kind: 'call-by-format'; readonly tool: FunctionTool; readonly schema: JsonObject };

export const jsonToolName = 'json_response';

export function planStructuredOutput(request: CanonicalRequest): StructuredPlan {
  const traits = traitsOf(request);
  const isOwn = request.origin === 'anthropic-messages';
  const schema = request.output?.type === 'schema' ? request.output.schema : undefined;
  if (schema !== undefined) {
    // A model that cannot be made to call has no other way, whatever its upstream thinks of this one.
    const isNative = isOwn || traits.hasSchemas || traits.forcedTools === 'never';
    return isNative ? { kind: 'native', schema } : { kind: 'json-tool', schema: withObjectRoot(schema) };
  }
  const tool = isOwn || traits.forcedTools !== 'never' ? undefined : onlyForcedTool(request);
  return tool?.schema === undefined
    ? { kind: 'none' }
    : { kind: 'call-by-format', tool, schema: tool.schema };
}

function onlyForcedTool(request: CanonicalRequest): FunctionTool | undefined {
  const { toolChoice, tools } = request;
  const functions = tools.filter((tool): tool is FunctionTool => tool.type === 'function');
  if (toolChoice?.type === 'tool') return functions.find((tool) => tool.name === toolChoice.name);
  return toolChoice?.type === 'required' && tools.length === 1 ? functions[0] : undefined;
}
