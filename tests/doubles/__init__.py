"""Local servers that imitate the messaging platforms, so that the real adapters can be driven without an account.

In a test, on a free port and in the test's own event loop:

    async with running(WechatDouble(clock, hook=url_of_our_webhook)) as double:
        heard = await double.client("oClient1").say("hello")       # pushed to the hook, passive reply read
        double.faults.add(Fault(HangUp(), method="message/custom/send", after=True))
        assert double.ledger.texts("oClient1") == [...]            # what the client really got

As a process: `python -m tests.doubles`, steered over HTTP under `/_double/`.
Seconds of windows, quotas and flood control run on the clock given in; time-outs and delays are real seconds.
"""
