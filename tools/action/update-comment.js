// Keeps one comment on a pull request: the one whose first line is that of the report. Without the permission to
// write there is a warning, and the result of the check stays what it is.
import { readFileSync } from 'node:fs'

const { GITHUB_API_URL, GITHUB_REPOSITORY, PULL_REQUEST, TOKEN, MARKDOWN = '' } = process.env
const PAGE = 100

const body = readFileSync(MARKDOWN, 'utf8')
const repository = `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}`
const comments = `${repository}/issues/${PULL_REQUEST}/comments`

try {
  const id = await findComment(body.split('\n', 1)[0])
  if (id === undefined) await request('POST', comments, { body })
  else await request('PATCH', `${repository}/issues/comments/${id}`, { body })
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error)
  process.stdout.write(`::warning title=tidemark check::the comment cannot be written: ${reason}\n`)
}

/**
 * Finds the comment that an earlier run wrote. People may write the same first line.
 *
 * @param {string | undefined} marker
 * @returns {Promise<number | undefined>}
 */
async function findComment(marker) {
  for (let page = 1; ; page += 1) {
    /** @type {{ id: number, body?: string, user: { type: string } | null }[]} */
    const found = await request('GET', `${comments}?per_page=${PAGE}&page=${page}`)
    const own = found.find(
      (comment) => comment.user?.type === 'Bot' && comment.body?.split(/\r?\n/, 1)[0] === marker,
    )
    if (own !== undefined || found.length < PAGE) return own?.id
  }
}

/**
 * @param {string} method
 * @param {string} url
 * @param {object} [content]
 */
async function request(method, url, content) {
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'user-agent': 'tidemark',
    },
    ...(content === undefined ? {} : { body: JSON.stringify(content) }),
    signal: AbortSignal.timeout(30_000),
  })
  if (response.ok) return response.json()
  const help = response.status === 403 ? '; the job needs `permissions: pull-requests: write`' : ''
  throw new Error(`${method} ${new URL(url).pathname}: ${response.status} ${response.statusText}${help}`)
}
