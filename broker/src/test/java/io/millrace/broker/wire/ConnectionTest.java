package io.millrace.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.net.AnswerBudget;
import io.millrace.broker.net.Frame;
import io.millrace.broker.net.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.junit.jupiter.api.Test;

/** What becomes of a request's bytes, and of their charge. */
final class ConnectionTest {
    private static final int LIMIT_BYTES = 1 << 20;

    private final MemoryBudget budget = new MemoryBudget(LIMIT_BYTES, LIMIT_BYTES);
    private final List<Request> dispatched = new ArrayList<>();
    private boolean outOfMemory;
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new Connection(new Parking(), AnswerBudget.unlimited(), () -> 0));

    /** Answers nothing by itself. */
    private final class Parking implements Dispatcher {
        @Override
        public boolean serves(ApiKeys api, short version) {
            return true;
        }

        @Override
        public void dispatch(Request request) {
            if (outOfMemory) {
                throw new OutOfMemoryError("a test");
            }
            dispatched.add(request);
        }
    }

    private ByteBuf send() {
        var request = new HeartbeatRequest.Builder(new HeartbeatRequestData()).build();
        ByteBuffer body =
                RequestUtils.serialize(
                        new RequestHeader(ApiKeys.HEARTBEAT, request.version(), "test", 1).data(),
                        ApiKeys.HEARTBEAT.requestHeaderVersion(request.version()),
                        request.data(),
                        request.version());
        ByteBuf bytes = Unpooled.wrappedBuffer(body);
        budget.release(-bytes.readableBytes());
        channel.writeInbound(new Frame(bytes, budget, bytes.readableBytes()));
        return bytes;
    }

    private static HeartbeatResponse answer() {
        return new HeartbeatResponse(new HeartbeatResponseData());
    }

    @Test
    void anAnswerFreesTheBytesAndTheirCharge() {
        ByteBuf bytes = send();

        dispatched.getFirst().answer(answer());

        assertThat(bytes.refCnt()).isZero();
        assertThat(budget.usedBytes()).isZero();
        channel.finishAndReleaseAll();
    }

    @Test
    void aRequestThatNobodyAnswersLosesItsBytesWithTheConnectionAndItsChargeWithTheAnswer() {
        ByteBuf bytes = send();
        int size = bytes.readableBytes();

        var _ = channel.close();

        assertThat(bytes.refCnt()).isZero();
        assertThat(budget.usedBytes()).isEqualTo(size);
        dispatched.getFirst().answer(answer());
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void whoStillReadsTheRecordsKeepsTheBytesOfALostConnection() {
        ByteBuf bytes = send();
        Request request = dispatched.getFirst();
        request.retainFrame();

        var _ = channel.close();

        assertThat(bytes.refCnt()).isEqualTo(1);
        request.releaseFrame();
        assertThat(bytes.refCnt()).isZero();
        request.answer(answer());
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void aRequestThatIsParkedFreesItsBytesAndTheirChargeOnce() {
        ByteBuf bytes = send();
        Request request = dispatched.getFirst();

        request.park();

        assertThat(bytes.refCnt()).isZero();
        assertThat(budget.usedBytes()).isZero();
        request.answer(answer());
        assertThat(budget.usedBytes()).isZero();
        channel.finishAndReleaseAll();
    }

    @Test
    void anErrorWhileARequestIsHandledFreesItsBytesAndTheirChargeAndEndsTheConnection() {
        outOfMemory = true;

        ByteBuf bytes = send();

        assertThat(bytes.refCnt()).isZero();
        assertThat(budget.usedBytes()).isZero();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void anAnswerThatThereIsNoMemoryForEndsTheConnection() {
        send();

        dispatched
                .getFirst()
                .answer(
                        new HeartbeatResponse(new HeartbeatResponseData()) {
                            @Override
                            public HeartbeatResponseData data() {
                                throw new OutOfMemoryError("a test");
                            }
                        });

        assertThat(channel.isOpen()).isFalse();
        assertThat(budget.usedBytes()).isZero();
    }
}
