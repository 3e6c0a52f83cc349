-- When the log was last told of this puller.
alter table artifact_pull add column told_at timestamptz not null;
