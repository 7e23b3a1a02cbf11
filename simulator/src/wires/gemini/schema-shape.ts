import { anything, boolean, either, integer, lazy, list, number, object, string } from '../shape.ts';
import type { Shape } from '../shape.ts';

/** Names of enumerations are read whatever their case. */
export function enumOf(...names: readonly string[]): Shape {
  return { kind: 'string', pattern: new RegExp(`^(?:${names.join('|')})$`, 'iu') };
}

const wholeNumber = either(integer, string);

/** The part of OpenAPI schemas that the provider reads; everything else is an unknown name. */
export const schema: Shape = object(
  {},
  {
    type: enumOf('TYPE_UNSPECIFIED', 'STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'),
    format: string,
    title: string,
    description: string,
    nullable: boolean,
    enum: list(string),
    items: lazy(() => schema),
    maxItems: wholeNumber,
    minItems: wholeNumber,
    properties: { kind: 'map', values: lazy(() => schema) },
    required: list(string),
    propertyOrdering: list(string),
    minProperties: wholeNumber,
    maxProperties: wholeNumber,
    minLength: wholeNumber,
    maxLength: wholeNumber,
    pattern: string,
    example: anything,
    anyOf: list(lazy(() => schema)),
    default: anything,
    minimum: number,
    maximum: number,
  },
);
