"""What those outside use to talk to a cluster: submit facts, follow what is said, and find the answer to a question.

It knows the public topics and nothing of the inside. Promises: every wait is bounded by the caller's seconds; what can
go wrong is a `ClientError` whose message is one sentence for its reader.
"""
