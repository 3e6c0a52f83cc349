// How it stands with what must hold: as a whole, place by place, guardrail by guardrail, over time, and thing by thing.
import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMayPerhaps } from '../api/session.ts'
import { Page } from '../ui/page.tsx'
import { AttestationsTab } from './attestations.tsx'
import { ComplianceDashboard } from './compliance-dashboard.tsx'
import { TransitionsTab } from './compliance-transitions.tsx'
import { ComplianceVerdicts } from './compliance-verdicts.tsx'
import { Exemptions } from './exemptions.tsx'
import { Remediations } from './remediations.tsx'

const tabs = ['dashboard', 'verdicts', 'changes', 'attestations', 'exemptions', 'remediations'] as const

export function CompliancePage() {
  const { tab, assignment, state, scope } = useSearch({ strict: false })
  const navigate = useNavigate()
  const may = useMayPerhaps()
  // Whoever comes with a question of verdicts is shown verdicts.
  const shown = tabs.find((each) => each === tab) ?? (state || assignment ? 'verdicts' : 'dashboard')
  return (
    <Page
      wide
      title="Compliance"
      lead="Whether what is here is as the guardrails want it. Nothing is called compliant that was not looked at since it changed."
    >
      <Tabs
        value={shown}
        onChange={(next) =>
          navigate({
            to: '/compliance',
            search: { ...(scope ? { scope } : {}), ...(next && next !== 'dashboard' ? { tab: next } : {}) },
            replace: true,
          })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="dashboard">How it stands</Tabs.Tab>
          <Tabs.Tab value="verdicts">Verdicts</Tabs.Tab>
          <Tabs.Tab value="changes">What changed</Tabs.Tab>
          <Tabs.Tab value="attestations">Attestations</Tabs.Tab>
          {may('exemption.read') && <Tabs.Tab value="exemptions">Exemptions</Tabs.Tab>}
          {may('remediation.read') && <Tabs.Tab value="remediations">Remediation</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="dashboard">
          <ComplianceDashboard />
        </Tabs.Panel>
        <Tabs.Panel value="verdicts">
          <ComplianceVerdicts />
        </Tabs.Panel>
        <Tabs.Panel value="changes">
          <TransitionsTab />
        </Tabs.Panel>
        <Tabs.Panel value="attestations">
          <AttestationsTab />
        </Tabs.Panel>
        <Tabs.Panel value="exemptions">
          <Exemptions />
        </Tabs.Panel>
        <Tabs.Panel value="remediations">
          <Remediations />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
