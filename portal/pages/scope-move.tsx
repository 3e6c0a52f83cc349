// Moving a folder or a project: what would be gained and lost by it is shown before anything moves.
import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { ApiProblem, post } from '../api/client.ts'
import { movePreview } from '../api/queries.ts'
import type { MovePreview, Scope } from '../api/types.ts'
import { counted } from '../ui/format.ts'
import { Notice, Tag } from '../ui/state.tsx'
import { Classification } from './classification.tsx'
import { Fault, tell, tellFailure } from './failure.tsx'
import { RightsChanged } from './gains-and-losses.tsx'
import { usePrincipalNames } from './principal-picker.tsx'
import css from './scopes.module.css'
import { pathOf, ScopePicker } from './scope-picker.tsx'

export function MoveScope({ of, onDone }: { of: Scope; onDone: () => void }) {
  const [target, setTarget] = useState(of.scope)
  const [force, setForce] = useState(false)
  const queries = useQueryClient()
  const elsewhere = target !== of.scope
  const preview = useQuery({ ...movePreview(of, { scope: target, force }), enabled: elsewhere })
  const move = useMutation({
    mutationFn: () => post(`/${of.kind}s/${of.id}/move`, { scope: target, force }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      tell(`It is at ${pathOf(target, of.name)} now`)
      onDone()
    },
    onError: tellFailure,
  })
  const locksOut = preview.error instanceof ApiProblem && preview.error.code === 'lock-out'
  const choose = (scope: string) => {
    setTarget(scope)
    setForce(false)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    move.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <ScopePicker label="Where to" value={target} onChange={choose} />
        <div aria-live="polite">
          {!elsewhere && <Notice>It lies there now. Choose another place to see what a move would change.</Notice>}
          <Fault error={preview.error} />
          {preview.data?.preview && <MoveEffects of={preview.data.preview} />}
          {preview.data?.rights && <RightsChanged of={preview.data.rights} />}
        </div>
        {(locksOut || force) && (
          <Checkbox
            label="Move it though it would lock everyone out there; two owners have to agree"
            checked={force}
            onChange={({ target: { checked } }) => setForce(checked)}
          />
        )}
        <Fault error={move.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={move.isPending} disabled={!elsewhere || !preview.data}>
            Move it
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

export function MoveEffects({ of }: { of: MovePreview }) {
  const { before, after } = of.classification
  const relabelled = JSON.stringify(before) !== JSON.stringify(after)
  return (
    <Stack gap="xs">
      <Text size="sm">
        {counted(of.inside.scopes, 'scope')} and {counted(of.inside.resources, 'resource')} move along.
      </Text>
      <Governing sign="+" title="It comes under" of={of.governing.gained} />
      <Governing sign="−" title="It leaves" of={of.governing.lost} />
      <Guardrails sign="+" title="It comes under the guardrail" of={of.guardrails.gained} />
      <Guardrails sign="−" title="It leaves the guardrail" of={of.guardrails.lost} />
      {relabelled && (
        <div className={css.change}>
          Classified at least <Classification of={whole(before)} /> before, <Classification of={whole(after)} /> after.
        </div>
      )}
      {of.failing.map(({ id, name, kind, guardrail, assignment, message }) => (
        <Notice key={`${id} ${assignment} ${guardrail}`} tone="warn">
          {kind} {name}: {message ?? 'is not what a guardrail there wants'}
        </Notice>
      ))}
      {of.hidden > 0 && <Text size="sm">{counted(of.hidden, 'more change')} that you may not see.</Text>}
      {of.truncated && <Notice tone="warn">There is more than is shown here.</Notice>}
      {!relabelled &&
        [...of.governing.gained, ...of.governing.lost, ...of.guardrails.gained, ...of.guardrails.lost].length === 0 && (
          <Notice tone="good">Nobody gains or loses anything by it.</Notice>
        )}
    </Stack>
  )
}

const whole = ({ level = '', caveats = [] }: { level?: string; caveats?: string[] }) => ({ level, caveats })

type GoverningProps = { sign: '+' | '−'; title: string; of: MovePreview['governing']['gained'] }

function Governing({ sign, title, of }: GoverningProps) {
  const nameOf = usePrincipalNames()
  return of.map(({ id, kind, name, scope, spec }) => (
    <div key={id} className={css.change} data-sign={sign}>
      {title}{' '}
      <b>
        {kind === 'role-assignment'
          ? `${nameOf(String(spec['principal']))} as ${typeof spec['role'] === 'string' ? spec['role'] : 'denied some acts'}`
          : `${kind.replaceAll('-', ' ')} ${name}`}
      </b>{' '}
      at {scope}
    </div>
  ))
}

type GuardrailsProps = { sign: '+' | '−'; title: string; of: MovePreview['guardrails']['gained'] }

function Guardrails({ sign, title, of }: GuardrailsProps) {
  return of.map(({ assignment, guardrail, title: name, effect, enforced }) => (
    <div key={`${assignment} ${guardrail}`} className={css.change} data-sign={sign}>
      {title} <b>{name}</b> <Tag>{effect}</Tag> {!enforced && <Tag tone="warn">dry run</Tag>}
    </div>
  ))
}
