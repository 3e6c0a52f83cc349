-- Conversations: content of the people who have them, not resources. Only their owner reads them; deleting erases.
create table conversation (
  id text primary key,
  owner text not null,
  title text not null,
  model text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index on conversation (owner, updated_at desc, id);

create table conversation_message (
  id text primary key,
  conversation_id text not null references conversation (id) on delete cascade,
  seq bigint generated always as identity,
  role text not null check (role in ('user', 'assistant')),
  content text not null,
  model text,
  receipt text,
  finish_reason text,
  prompt_tokens int,
  completion_tokens int,
  duration_ms int,
  created_at timestamptz not null
);
create index on conversation_message (conversation_id, seq);
