// Guardrails as tests of the pure part compile them: a definition, a document, and the set that is made of what is assigned.
import assert from 'node:assert/strict'
import { checkDefinition } from '../src/guardrails/definition.ts'
import { compileAll, type Rule, type RuleSet } from '../src/guardrails/rules.ts'
import type { Assignment, Definition, Exemption, GuardrailDocument, Initiative } from '../src/guardrails/schema.ts'
import type { Subject } from '../src/guardrails/verdict.ts'

export const nowMs = Date.parse('2027-01-15T12:00:00Z')
export const id = (n: number) => `guardrail_${String(n).padStart(26, '0')}`

export const definition = (given: Partial<Definition> = {}): Definition => ({
  title: 'No remote engine',
  description: '',
  category: 'test',
  version: '1.0.0',
  kinds: ['deployment'],
  require: { field: 'spec.engine', equals: 'llama' },
  effects: ['deny', 'audit'],
  effect: 'deny',
  message: '{name} runs {spec.engine}.',
  ...given,
})

export const document = (given: Partial<GuardrailDocument> = {}): GuardrailDocument => ({
  kind: 'deployment',
  id: 'deployment_1',
  scope: '/a/b',
  scopeId: 'folder_b',
  name: 'chat',
  labels: {},
  classification: { rank: 0, caveats: [] },
  owner: 'user_ann',
  spec: { engine: 'openai' },
  facts: {},
  ...given,
})

export const subject = (doc = document(), at = nowMs): Subject => ({
  doc,
  ancestors: [doc.scopeId, 'folder_a', 'org_1'],
  nowMs: at,
})

export type Facts = {
  definitions?: Definition[]
  initiatives?: Record<string, Initiative>
  assignments?: (Assignment & { id?: string; scopeId?: string })[]
  exemptions?: Omit<Exemption, 'assignment'>[]
}
export const setOf = ({
  definitions = [definition()],
  initiatives = {},
  assignments = [{ guardrail: id(0) }],
  exemptions = [],
}: Facts): RuleSet =>
  compileAll({
    definitions: new Map(definitions.map((one, i) => [id(i), checkDefinition(one)])),
    initiatives: new Map(Object.entries(initiatives)),
    assignments: assignments.map((one, i) => ({ id: `assignment_${i}`, scopeId: 'folder_a', ...one })),
    exemptions: exemptions.map((one, i) => ({ id: `exemption_${i}`, assignment: 'assignment_0', ...one })),
  })
export const ruleOf = (facts: Facts = {}): Rule => {
  const { rules, misfits } = setOf(facts)
  assert.deepEqual(misfits, [])
  return rules[0]!
}

export const setting = (path: string, value: unknown, given: Partial<Definition> = {}): Definition =>
  definition({
    effects: ['modify'],
    effect: 'modify',
    require: { field: path, equals: value as string },
    modify: [{ path, value: value as string }],
    ...given,
  })
export const rulesOf = (...definitions: Definition[]) =>
  setOf({ definitions, assignments: definitions.map((_, i) => ({ guardrail: id(i) })) }).rules
