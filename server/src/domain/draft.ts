/** A record while it is made: optional fields are set where there is something to say. */
export type Draft<Type> = { -readonly [Key in keyof Type]: Type[Key] };
