//! SQLite: schema and migrations, one writer, readers; blobs on disk by content hash.
