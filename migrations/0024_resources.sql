-- For who may look everywhere: the oldest, and kind by kind.
create index on resource (created_at, id);
create index on resource (kind, id);
