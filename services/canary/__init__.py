"""The canary: uploads a listed work every few seconds, as anybody would, and tells how long it takes to be refused.

Writes rightsholders.submitted, works.submitted, uploads.submitted; reads works.receipts and verdicts.decided, all as an
outsider. Keeps nothing.
Promises: its work is registered whenever it starts, and again when a copy of it was shown; every copy, and every
unlisted content, goes up under an id of its own, and is deleted when it has been judged or is late; what is late or
wrong is counted, whatever the reason, Kafka's absence included, and nobody has to do anything when that is over.

    listed   ─► BLOCKED within STAYDOWN_CANARY_LATE_MS, or it is late; anything else is wrong
    unlisted ─► CLEAR within the same, or it is late; anything else is wrong
"""
