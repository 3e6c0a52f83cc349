import { problem } from '#platform/problem.ts'

export const escalation = problem('escalation', 403, 'A role that holds more than yours')
