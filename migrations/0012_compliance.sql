-- Whether what is there is as guardrails want it. Verdicts can be made again by judging; what people attested, what was remediated, and what was when, cannot.

-- A guardrail as it is assigned, by a short number: verdicts are many.
create table compliance_rule (
  id int generated always as identity primary key,
  assignment_id text not null,
  guardrail text not null,
  initiative text,
  title text not null,
  effect text not null,
  enforced boolean not null,
  unique (assignment_id, guardrail)
);

-- What was judged: a resource, or something observed. All its verdicts are made together, so when and against what is said once.
create table compliance_subject (
  id text primary key,
  kind text not null,
  observed boolean not null, -- no resource, and no stream of its changes
  name text not null,
  scope_id text not null, -- where policy looks for it
  owner text not null,
  labels jsonb not null,
  rank int not null,
  caveats text[] not null,
  generation int, -- that was judged
  version text, -- of all guardrails, as they were
  judged_at timestamptz, -- null: never
  fresh_until timestamptz, -- later the verdicts are too old to be believed
  due int not null default 0, -- how often it changed since; a judge takes back only what it had seen
  state text check (state in ('compliant', 'exempt', 'unknown', 'non-compliant')), -- the worst; null where nothing is about it
  until timestamptz, -- when the first of its findings changes by itself
  compliant int[] not null default '{}' -- rules that hold: nearly all of them, so they are kept short
) with (fillfactor = 70);
create index on compliance_subject (scope_id);
create index on compliance_subject (id) where due > 0;
create index on compliance_subject (until) where until is not null;

-- The verdicts that say more than that it holds.
create table compliance_finding (
  subject_id text not null references compliance_subject (id) on delete cascade,
  rule_id int not null references compliance_rule (id) on delete cascade,
  state text not null check (state in ('compliant', 'exempt', 'unknown', 'non-compliant')), -- compliant: attested
  until timestamptz, -- an exemption or an attestation ends
  after text check (after in ('unknown', 'non-compliant')), -- and then it is this
  message text,
  exemption_id text,
  attestation_id text,
  remediable boolean not null,
  since timestamptz not null,
  primary key (subject_id, rule_id)
);
create index on compliance_finding (rule_id, subject_id);

create table compliance_transition (
  seq bigint generated always as identity primary key,
  subject_id text not null,
  kind text not null,
  name text not null,
  assignment_id text not null,
  guardrail text not null,
  was text, -- null: it was not judged by this before
  became text, -- null: it is no longer
  cause text not null check (cause in ('change', 'guardrails', 'attestation', 'observed')),
  actor text, -- of a change or an attestation
  request_id text,
  generation int,
  version text not null,
  at timestamptz not null
);
create index on compliance_transition (subject_id, seq);
create index on compliance_transition (at);

-- How many were what, and when. By place and label, so that each sees only what they may.
create table compliance_point (
  at timestamptz not null,
  assignment_id text not null, -- empty: things by the worst of their verdicts
  scope_id text not null,
  rank int not null,
  caveats text[] not null,
  compliant int not null,
  non_compliant int not null,
  exempt int not null,
  stale int not null,
  unknown int not null,
  primary key (at, assignment_id, scope_id, rank, caveats)
);

-- How far changes were followed and the sweep has come: after a crash it goes on from there.
create table compliance_progress (
  one int primary key default 1 check (one = 1),
  xact xid8 not null,
  seq bigint not null,
  sweep_asked_at timestamptz,
  sweep_started_at timestamptz,
  sweep_version text,
  sweep_from text not null default '', -- where the round began, and ends
  sweep_after text not null default '', -- the last that was judged
  sweep_wrapped boolean not null default false,
  sweep_seen int not null default 0,
  sweeping boolean not null default false,
  swept_at timestamptz,
  swept_version text,
  swept_seen int,
  observed_at timestamptz
);
insert into compliance_progress (xact, seq) select pg_snapshot_xmin(pg_current_snapshot()), 0;

create table compliance_attestation (
  id text primary key,
  assignment_id text not null,
  guardrail text not null,
  subject_id text,
  scope_id text, -- or all of it at or below
  statement text not null,
  actor text not null,
  at timestamptz not null,
  expires_at timestamptz not null,
  check ((subject_id is null) <> (scope_id is null))
);
create index on compliance_attestation (assignment_id, guardrail);

create table compliance_remediation (
  id text primary key,
  assignment_id text not null,
  guardrails text[], -- null: all of the assignment
  scope_id text not null,
  per_minute int not null check (per_minute > 0),
  approved boolean not null, -- started by a change that others approved
  reason text,
  started_by text not null,
  started_at timestamptz not null,
  stopped_by text,
  stopped_at timestamptz,
  stopped_because text
);
create index on compliance_remediation (started_at);

-- What became of each thing it came to.
create table compliance_remediation_item (
  remediation_id text not null references compliance_remediation (id) on delete cascade,
  subject_id text not null,
  state text not null check (state in ('rewritten', 'locked', 'refused', 'set-aside')),
  explanation text,
  generation int, -- the one it found
  at timestamptz not null,
  primary key (remediation_id, subject_id)
);

-- Each rewrite: for the rate, and to notice a fight.
create table compliance_rewrite (
  seq bigint generated always as identity primary key,
  remediation_id text not null references compliance_remediation (id) on delete cascade,
  subject_id text not null,
  generation int not null, -- that it made
  at timestamptz not null
);
create index on compliance_rewrite (subject_id, at);
create index on compliance_rewrite (remediation_id, at);
