-- What may exist: guardrails (built-in ones are code, not rows), the initiatives that group them, where they are assigned, and what is exempt.
-- Written by higher rooms through the room's front door, in the transaction of their own change.
create table guardrail_definition (
  id text primary key, -- a resource's, or `publisher/name` of a signed set
  publisher text, -- whose signed set it came with; null when it was made here
  body jsonb not null
);
create index on guardrail_definition (publisher) where publisher is not null;

create table guardrail_initiative (
  id text primary key,
  publisher text,
  body jsonb not null
);
create index on guardrail_initiative (publisher) where publisher is not null;

create table guardrail_assignment (
  id text primary key,
  scope_id text not null references policy_scope (id) on delete restrict,
  body jsonb not null
);
create index on guardrail_assignment (scope_id);

create table guardrail_exemption (
  id text primary key,
  assignment_id text not null references guardrail_assignment (id) on delete cascade,
  body jsonb not null
);
create index on guardrail_exemption (assignment_id);

create table guardrail_publisher (
  id text primary key,
  name text not null unique,
  public_key text not null, -- Ed25519, 32 bytes in base64
  sequence bigint not null default 0 -- of the last set taken from it; an older one is refused
);
