import type { Diagnostic } from '@tidemark/core'
import { formatDiagnostic } from '@tidemark/core'
import { hideInDiagnostic } from '../redact/hide-in-diagnostic.ts'
import { escapeControls } from '../text/escape-controls.ts'

/** Writes diagnostics as a JUnit report: one test case a file, a failure for each that has an error. */
export function presentJunit(paths: readonly string[], diagnostics: readonly Diagnostic[]): string {
  const files = [...new Set([...paths, ...diagnostics.map(pathOf)])].filter((path) => path !== '')
  const loose = diagnostics.filter((diagnostic) => pathOf(diagnostic) === '')
  const cases = [
    ...files.map((path) =>
      testCase(
        path,
        diagnostics.filter((diagnostic) => pathOf(diagnostic) === path),
      ),
    ),
    ...(loose.length === 0 ? [] : [testCase('migrations', loose)]),
  ]
  const failures = cases.filter(({ failed }) => failed).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tidemark" tests="${cases.length}" failures="${failures}">`,
    `  <testsuite name="tidemark validate" tests="${cases.length}" failures="${failures}">`,
    ...cases.map(({ xml }) => xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase(
  path: string,
  diagnostics: readonly Diagnostic[],
): { readonly xml: string; readonly failed: boolean } {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const others = diagnostics.filter(({ severity }) => severity !== 'error')
  const children = [
    ...errors.map(
      (diagnostic) =>
        `      <failure type="${diagnostic.code}" message="${escapeXml(diagnostic.message)}">${escapeXml(formatDiagnostic(hideInDiagnostic(diagnostic)))}</failure>`,
    ),
    ...(others.length === 0
      ? []
      : [
          `      <system-out>${escapeXml(others.map((other) => formatDiagnostic(hideInDiagnostic(other))).join('\n'))}</system-out>`,
        ]),
  ]
  const open = `    <testcase classname="tidemark" name="${escapeXml(path)}"`
  const xml = children.length === 0 ? `${open}/>` : [`${open}>`, ...children, '    </testcase>'].join('\n')
  return { xml, failed: errors.length > 0 }
}

function pathOf({ source }: Diagnostic): string {
  return source?.path ?? ''
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

function escapeXml(text: string): string {
  return (
    // XML 1.0 has no way to write most control characters.
    escapeControls(text).replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
  )
}
