/** A value of type `T` that the compiler keeps apart from other values of the same type. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name }
