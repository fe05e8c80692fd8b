const SIGNS = { added: '+', removed: '−', changed: '~' } as const

/** What happened to an object, as a coloured sign. */
export function Sign({ change }: { readonly change: keyof typeof SIGNS }) {
  return (
    <span class={`sign ${change}`} role="img" aria-label={change}>
      {SIGNS[change]}
    </span>
  )
}
