/**
 * The steps from an empty file to the present schema, in order; a file knows by `user_version` how many it has taken.
 * A step that was published is never changed: a change is a further step.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    app_id TEXT NOT NULL UNIQUE,
    -- Of the newest message: the id of a deleted one does not come again, so that a cursor stays true.
    last_id INTEGER NOT NULL DEFAULT 0,
    complete_since INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    openid TEXT NOT NULL,
    last_id INTEGER NOT NULL,
    read_id INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    facts TEXT NOT NULL,
    UNIQUE (account, openid)
  );
  CREATE INDEX conversations_newest ON conversations (account, last_id);
  CREATE INDEX conversations_unread ON conversations (account, last_id, unread) WHERE unread > 0;
  -- The key is conversation * 2^32 + id: so the messages of a conversation lie together, and reading one takes a page
  -- or two of the file instead of one a message.
  CREATE TABLE messages (
    key INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    id INTEGER NOT NULL,
    incoming INTEGER NOT NULL,
    readable INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  );
  CREATE INDEX messages_of_account ON messages (account, id);
  CREATE TABLE pending (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    key TEXT NOT NULL,
    openid TEXT NOT NULL,
    at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (account, key)
  );
  CREATE TABLE marks (
    account INTEGER NOT NULL,
    name TEXT NOT NULL,
    mark TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (account, name)
  ) WITHOUT ROWID;
  CREATE INDEX marks_by_age ON marks (until);
  CREATE TABLE listeners (
    account INTEGER NOT NULL,
    owner TEXT NOT NULL,
    since INTEGER,
    beat_at INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY (account, owner)
  ) WITHOUT ROWID;
  `,
];
