// Where one can go. The menu, and the switcher behind Ctrl-K, are this list less what the person may not read.
import {
  IconArchive,
  IconBolt,
  IconBuilding,
  IconChecks,
  IconClipboardCheck,
  IconCpu,
  IconDatabase,
  IconFingerprint,
  IconFolders,
  IconGauge,
  IconKey,
  IconLockAccess,
  IconMessage2,
  IconPackage,
  IconShield,
  IconShieldCheck,
  IconStack2,
  IconUser,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import { mayPerhaps } from '../api/session.ts'
import type { Session } from '../api/types.ts'

type Place = { to: string; name: string; icon: typeof IconBuilding; needs?: string; words?: string; hidden?: boolean }

const groups: { title?: string; places: Place[] }[] = [
  {
    places: [
      { to: '/', name: 'Overview', icon: IconGauge, needs: 'site.read', words: 'home health status' },
      { to: '/chat', name: 'Chat', icon: IconMessage2, words: 'ask assistant conversation' },
    ],
  },
  {
    title: 'Models',
    places: [
      { to: '/models', name: 'Models', icon: IconPackage, needs: 'model.read', words: 'weights gguf upload' },
      { to: '/deployments', name: 'Deployments', icon: IconCpu, needs: 'deployment.read', words: 'engine serve run' },
    ],
  },
  {
    title: 'Store',
    places: [
      {
        to: '/artifacts',
        name: 'Artifacts',
        icon: IconArchive,
        needs: 'repository.read',
        words: 'registry oci docker images packages pypi npm apt files repositories tags signatures',
      },
      {
        to: '/storage',
        name: 'Storage',
        icon: IconDatabase,
        needs: 'storage.read',
        words: 'disk space quota hold scrub damage collect free',
      },
    ],
  },
  {
    title: 'Access',
    places: [
      { to: '/people', name: 'People', icon: IconUsers, needs: 'user.read', words: 'users accounts invite' },
      { to: '/groups', name: 'Groups', icon: IconUsersGroup, needs: 'group.read' },
      {
        to: '/roles',
        name: 'Roles',
        icon: IconShieldCheck,
        needs: 'role-assignment.read',
        words: 'assignments permissions why grant',
      },
      { to: '/elevation', name: 'Elevation', icon: IconBolt, words: 'activate eligible role just in time privileged' },
      {
        to: '/labels',
        name: 'Labels',
        icon: IconLockAccess,
        needs: 'classification-scheme.read',
        words: 'classification clearances levels caveats secret',
      },
      { to: '/scopes', name: 'Scopes', icon: IconFolders, needs: 'project.read', words: 'folders projects tree' },
      {
        to: '/inventory',
        name: 'Inventory',
        icon: IconStack2,
        needs: 'folder.read',
        words: 'resources search views graph history export',
      },
      { to: '/keys', name: 'API keys', icon: IconKey, words: 'token sdk openai' },
    ],
  },
  {
    title: 'Assurance',
    places: [
      {
        to: '/guardrails',
        name: 'Guardrails',
        icon: IconShield,
        needs: 'guardrail-assignment.read',
        words: 'policy initiatives library enforce dry run',
      },
      {
        to: '/compliance',
        name: 'Compliance',
        icon: IconClipboardCheck,
        needs: 'compliance.read',
        words: 'verdicts exemptions remediation dashboard state',
      },
      { to: '/approvals', name: 'Approvals', icon: IconChecks, words: 'four eyes change sets inbox sign refuse' },
      {
        to: '/audit',
        name: 'Audit log',
        icon: IconFingerprint,
        needs: 'audit.read',
        words: 'records proof receipt checkpoint export',
      },
    ],
  },
  {
    places: [
      { to: '/account', name: 'Account', icon: IconUser, words: 'profile passkey password totp theme sessions', hidden: true },
    ],
  },
]

const open = (who: Session) => (place: Place) => place.needs === undefined || mayPerhaps(who, place.needs)

export const menuFor = (who: Session) =>
  groups
    .map((group) => ({ ...group, places: group.places.filter((place) => !place.hidden && open(who)(place)) }))
    .filter(({ places }) => places.length > 0)

export const placesFor = (who: Session): Place[] => groups.flatMap(({ places }) => places).filter(open(who))
