import { problem } from '#platform/problem.ts'

export const selfGrant = problem('self-grant', 403, 'Nobody raises their own rights')
export const escalation = problem('escalation', 403, 'A role that holds more than yours')
