-- Four eyes: rules that ask for other people's approval, changes that wait for it, and signatures that others can verify without us.

-- The browser that a person signed in with, as a hash of the id in its cookie; a key carries that of the session that made it.
alter table identity_session add column device bytea;
alter table identity_key add column device bytea;

alter table identity_challenge drop constraint identity_challenge_purpose_check;
alter table identity_challenge add constraint identity_challenge_purpose_check check (purpose in ('register', 'sign-in', 'certificate'));

create table identity_certificate (
  id text primary key,
  user_id text not null references identity_user (id) on delete cascade,
  public_key bytea not null unique, -- SubjectPublicKeyInfo: one key is one person, however many certificates name it
  certificate bytea not null, -- DER
  fingerprint text not null, -- SHA-256 of the DER
  subject text not null,
  name text not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index on identity_certificate (user_id);

create table policy_approval_rule (
  id text primary key,
  scope_id text not null references policy_scope (id) on delete restrict,
  actions text[] not null,
  quorum int not null check (quorum between 1 and 5),
  condition jsonb, -- labels and classificationMin; null asks always
  approver_role text
);
create index on policy_approval_rule (scope_id);

create table change_set (
  id text primary key,
  requester text not null,
  principal jsonb not null, -- the requester as they were: by which credential, from where, with which factors
  operation_id text not null, -- this, the reason and the obligations are in the document too; here for lists
  reason text not null,
  obligations jsonb not null,
  document text not null, -- what is approved, byte for byte: RFC 8785, of which digest is the SHA-256
  digest text not null unique,
  state text not null check (state in ('open', 'done', 'refused', 'withdrawn', 'outdated', 'failed')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  ended_because jsonb, -- the problem that ended it, or the words of who refused
  reply_sealed bytea -- what the request answered, for its requester alone: it may hold a one-time link
);
create index on change_set (id desc) where state = 'open';
create index on change_set (requester, id);

-- Every place it acts at, with the label of what it touches there: who reads or approves it must be permitted and cleared at all of them.
create table change_set_place (
  change_set_id text not null references change_set (id) on delete cascade,
  scope_id text not null, -- no foreign key: a place may go, the record of what was asked there stays
  rank int not null,
  caveats text[] not null,
  primary key (change_set_id, scope_id)
);

create table change_set_approval (
  change_set_id text not null references change_set (id) on delete cascade,
  approver text not null,
  principal jsonb not null,
  evidence jsonb not null, -- everything needed to verify the signature
  at timestamptz not null,
  primary key (change_set_id, approver)
);
