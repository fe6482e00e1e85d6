"""What runs on Ray nodes: runner, outbox, mailbox."""
