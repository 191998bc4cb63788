package io.millrace.broker.wire;

import io.millrace.broker.net.Frame;
import io.millrace.broker.wire.ResponseEncoder.EncodedAnswer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One decoded request, and the way to answer it. It must be answered exactly once, from any thread;
 * answers leave the connection in the order of the requests. The bytes that it was decoded from
 * (and that records in it point into) are freed when it is answered, or its connection has ended,
 * and nobody has retained them: who reads records later than in the call that brought them retains.
 * They are charged to the memory budget until the request is answered or {@link #park parked}, too.
 */
public final class Request {
    private static final Logger LOG = LoggerFactory.getLogger(Request.class);

    private final RequestHeader header;
    private final AbstractRequest body;
    private final Client client;
    private final AnswerSink sink;
    private final long receivedMs;
    private final @Nullable Frame frame;
    private final AtomicInteger frameHolders = new AtomicInteger(1);

    /** The bytes, and what was decoded from them: charged until both are gone. */
    private final AtomicInteger charged = new AtomicInteger(2);

    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicBoolean letGo = new AtomicBoolean();
    private @Nullable AbstractResponse response;
    private @Nullable EncodedAnswer encoded;
    private @Nullable String closeReason;
    private @Nullable Runnable abandonAction;
    private boolean abandoned;
    private boolean parked;
    private volatile boolean ready;

    /**
     * @param receivedMs when the request came, milliseconds since the epoch
     * @param frame the bytes that the body points into; null if it points into none
     */
    public Request(
            RequestHeader header,
            AbstractRequest body,
            Client client,
            AnswerSink sink,
            long receivedMs,
            @Nullable Frame frame) {
        this.header = header;
        this.body = body;
        this.client = client;
        this.sink = sink;
        this.receivedMs = receivedMs;
        this.frame = frame;
    }

    public RequestHeader header() {
        return header;
    }

    public short version() {
        return header.apiVersion();
    }

    public AbstractRequest body() {
        return body;
    }

    /** The body as the type that its API has. */
    public <T extends AbstractRequest> T body(Class<T> type) {
        return type.cast(body);
    }

    public Client client() {
        return client;
    }

    /** The client id that the request names; empty if none. */
    public String clientId() {
        String id = header.clientId();
        return id == null ? "" : id;
    }

    /** When the request came, milliseconds since the epoch. */
    public long receivedMs() {
        return receivedMs;
    }

    /** Answers with {@code response}. */
    public void answer(AbstractResponse response) {
        finish(response);
    }

    /** Ends the request without a response, as a produce with acks=0 asks. */
    public void answerNothing() {
        finish(null);
    }

    /** Answers with the error response of the request's own type. */
    public void fail(Throwable cause) {
        finish(body.getErrorResponse(0, cause));
    }

    /** Ends the request and its connection: the only way to refuse what wants no answer. */
    public void closeConnection(String reason) {
        closeReason = reason;
        finish(null);
    }

    /** Why the connection is to be closed instead of answered; null if it is not. */
    @Nullable String closeReason() {
        return closeReason;
    }

    /**
     * Calls {@code action} if the connection ends before the answer is set. Both on the
     * connection's event loop; the request must be answered all the same.
     */
    public void whenAbandoned(Runnable action) {
        abandonAction = action;
    }

    /** Whether the connection has ended; on its event loop. */
    public boolean isAbandoned() {
        return abandoned;
    }

    /** The connection has ended; on its event loop. */
    void abandon() {
        abandoned = true;
        Runnable action = abandonAction;
        if (action != null && !ready) {
            action.run();
        }
        letFrameGo();
    }

    /**
     * Frees the bytes and their charge before the answer, which may be long in coming: whoever has
     * the request wait accounts for {@link #chargedBytes} elsewhere. Once, on the thread that
     * answers it later. Nothing that is still needed of the body may point into the bytes.
     */
    public void park() {
        parked = true;
        letFrameGo();
        uncharge();
    }

    /** Bytes of memory that the request takes: its own, and what was decoded from them. */
    public int chargedBytes() {
        return frame == null ? 0 : frame.chargedBytes();
    }

    /** Gives up the hold that the request itself has on its bytes; once. */
    private void letFrameGo() {
        if (letGo.compareAndSet(false, true)) {
            releaseFrame();
        }
    }

    /** Keeps the request's bytes past its answer; pair with {@link #releaseFrame}. */
    public void retainFrame() {
        frameHolders.incrementAndGet();
    }

    /** Gives up one hold on the request's bytes. */
    public void releaseFrame() {
        if (frameHolders.decrementAndGet() == 0 && frame != null) {
            frame.bytes().release();
            uncharge();
        }
    }

    private void uncharge() {
        if (charged.decrementAndGet() == 0 && frame != null) {
            frame.budget().release(frame.chargedBytes());
        }
    }

    private void finish(@Nullable AbstractResponse answer) {
        if (!answered.compareAndSet(false, true)) {
            LOG.error("A second answer to {} from {} was dropped", header.apiKey(), client.name());
            return;
        }
        response = answer;
        ready = true;
        letFrameGo();
        if (!parked) {
            uncharge();
        }
        sink.answered(this);
    }

    /** Whether the answer is set; what {@link #response} returns is visible then. */
    public boolean isAnswered() {
        return ready;
    }

    /** The answer, null for none, or once it was taken. Meaningful once {@link #isAnswered}. */
    public @Nullable AbstractResponse response() {
        return response;
    }

    /** The answer, which the request has no longer then; on the connection's event loop. */
    @Nullable AbstractResponse takeResponse() {
        AbstractResponse taken = response;
        response = null;
        return taken;
    }

    /** Keeps the answer as the bytes it comes to; on the connection's event loop. */
    void hold(EncodedAnswer answer) {
        encoded = answer;
    }

    /** The answer that was held, no longer; null if none was. On the connection's event loop. */
    @Nullable EncodedAnswer takeHeld() {
        EncodedAnswer held = encoded;
        encoded = null;
        return held;
    }
}
