import type { Random } from '../random.ts'
import { DICTIONARY_SIZE } from './snippets.ts'

type Snippets = readonly [string, ...string[]]

/** Makes a text of snippets and words, then damages it. Up to a few thousand characters. */
export function makeText(random: Random, snippets: Snippets): string {
  let text = random.chance(0.6) ? header(random) : ''
  for (let pieces = random.integer(1, 8); pieces > 0; pieces -= 1) text += makePiece(random, snippets)
  for (let damages = random.integer(0, 6); damages > 0; damages -= 1) text = damage(random, snippets, text)
  return text
}

function header(random: Random): string {
  return random.pick([
    '-- @up\n',
    '-- Migration: 001_a\n-- @up\n',
    '-- Depends on: [000_z]\n-- Transaction: none\n-- @up\n',
    '-- Description: x\r\n-- Type: custom_sql\r\n-- @up\r\n',
  ])
}

function makePiece(random: Random, snippets: Snippets): string {
  const last = random.chance(0.5) ? DICTIONARY_SIZE - 1 : snippets.length - 1
  return snippets[random.integer(0, last)] ?? ''
}

function damage(random: Random, snippets: Snippets, text: string): string {
  const at = random.integer(0, text.length)
  const to = Math.min(text.length, at + random.integer(1, 30))
  switch (random.integer(0, 5)) {
    case 0:
      return text.slice(0, at) + text.slice(to)
    case 1:
      return text.slice(0, at) + makePiece(random, snippets) + text.slice(at)
    case 2:
      return text.slice(0, to) + text.slice(at)
    case 3:
      return (
        text.slice(0, at) +
        String.fromCharCode(random.integer(0, random.chance(0.9) ? 127 : 0xffff)) +
        text.slice(at + 1)
      )
    case 4:
      return text.slice(0, Math.max(at, 1))
    default:
      return text.slice(0, at) + text.slice(at, to).toUpperCase() + text.slice(to)
  }
}
