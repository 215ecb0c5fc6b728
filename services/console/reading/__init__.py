"""From what the archive's queries give to what views take: one file a page, and nothing that any of them decides."""
