"""The readable record: public facts in SQL, for whoever looks at pages and not at topics.

The archivist writes it, console and notifier read it; so it is the third shared package, beside `contracts` and
`runtime`. Promises: each fact is one row by an id of its own, and what is derived of facts is derived within the same
transaction, so that any order and any redelivery come to the same rows.
"""
