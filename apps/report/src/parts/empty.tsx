/** What is said where there is nothing to show, and how there would be. */
export function Empty({
  title,
  text,
  command,
}: {
  readonly title: string
  readonly text: string
  readonly command?: string
}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{text}</p>
      {command === undefined ? null : <pre class="command">{command}</pre>}
    </div>
  )
}
