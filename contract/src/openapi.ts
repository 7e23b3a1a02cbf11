import { z } from 'zod';
import { callRoutes } from './calls.ts';
import type { ControlRoute } from './control-route.ts';
import { errorResponse } from './errors.ts';
import { usageRoutes } from './usage.ts';

const routes: readonly ControlRoute[] = [...usageRoutes, ...callRoutes];

/** The OpenAPI 3.1 document of every control route. Deterministic: the same routes give the same bytes. */
export function buildOpenapi(): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Qingzhou control plane',
      version: '1',
      description:
        'Usage and calls. The model routes speak the protocols of their providers and are not described here.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:8787' }],
    security: [{ relayKey: [] }],
    paths,
    components: {
      securitySchemes: {
        relayKey: { type: 'http', scheme: 'bearer', description: 'A relay key, `sk-qz-...`' },
      },
    },
  };
}

function describeRoute(route: ControlRoute): Readonly<Record<string, unknown>> {
  const failures = route.errors.map((status) => [String(status), answer('Failed', errorResponse)]);
  return {
    operationId: route.operationId,
    summary: route.summary,
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    responses: { '200': answer('OK', route.response), ...Object.fromEntries(failures) },
  };
}

function answer(description: string, schema: z.ZodType): Readonly<Record<string, unknown>> {
  return { description, content: { 'application/json': { schema: jsonSchema(schema, 'output') } } };
}

function parameters(
  place: 'path' | 'query',
  schema: z.ZodObject | undefined,
): readonly Readonly<Record<string, unknown>>[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: jsonSchema(field as z.ZodType, 'input'),
  }));
}

/** OpenAPI 3.1 takes JSON Schema as it is; only the outer marks of a stand-alone document are left out. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, id: _id, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return rest;
}
