package io.millrace.broker.wire;

/** Takes the answers of requests. Called from any thread, once a request. */
@FunctionalInterface
public interface AnswerSink {
    /** The request's answer is set, and can leave once those of earlier requests have. */
    void answered(Request request);
}
