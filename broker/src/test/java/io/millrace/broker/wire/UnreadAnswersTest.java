package io.millrace.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.net.AnswerBudget;
import io.millrace.broker.net.Frame;
import io.millrace.broker.net.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What answers may take that have not left. */
final class UnreadAnswersTest {
    private static final int REQUESTS = 20;
    private static final short VERSION = 12;
    private static final int NAME_BYTES = 30_000;
    private static final int NAMES = 10;
    private static final int ANSWER_BYTES = NAMES * NAME_BYTES;
    private static final int LIMIT_BYTES = 4 << 20;
    private static final int LATER_MS = 10_000;

    private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
    private final MemoryBudget requests = new MemoryBudget(1 << 20, 1 << 20);
    private final AnswerBudget answers = new AnswerBudget(LIMIT_BYTES);
    private final List<Peer> peers = new ArrayList<>();
    private long nowMs;

    /** A client that may not read, and what it is answered. */
    private final class Peer implements Dispatcher {
        private final List<Request> begun = new ArrayList<>();
        private boolean firstWaits;
        private boolean reads = true;
        private final EmbeddedChannel channel =
                new EmbeddedChannel() {
                    @Override
                    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
                        if (reads) {
                            super.doWrite(in);
                        }
                    }
                };

        Peer() {
            channel.config().setAllocator(memory);
            channel.config()
                    .setWriteBufferWaterMark(new WriteBufferWaterMark(256 * 1024, 1024 * 1024));
            channel.pipeline().addLast(new Connection(this, answers, () -> nowMs));
            peers.add(this);
        }

        @Override
        public boolean serves(ApiKeys api, short version) {
            return true;
        }

        @Override
        public void dispatch(Request request) {
            begun.add(request);
            if (begun.size() > 1 || !firstWaits) {
                request.answer(answer());
            }
        }

        Peer firstWaits() {
            firstWaits = true;
            return this;
        }

        Peer readsNothing() {
            reads = false;
            return this;
        }

        Peer asks(int count) {
            for (int i = 0; i < count; i++) {
                var header = new RequestHeader(ApiKeys.METADATA, VERSION, "test", i);
                ByteBuf bytes =
                        Unpooled.wrappedBuffer(
                                RequestUtils.serialize(
                                        header.data(),
                                        header.headerVersion(),
                                        new MetadataRequestData(),
                                        VERSION));
                channel.writeInbound(new Frame(bytes, requests, 0));
            }
            return this;
        }

        /** Takes what was written; the numbers of the requests that it answers. */
        List<Integer> received() {
            reads = true;
            channel.flush();
            var numbers = new ArrayList<Integer>();
            for (ByteBuf part = channel.readOutbound();
                    part != null;
                    part = channel.readOutbound()) {
                numbers.add(part.getInt(Integer.BYTES));
                part.release();
                channel.flush();
            }
            return numbers;
        }
    }

    private static MetadataResponse answer() {
        var data = new MetadataResponseData();
        for (int i = 0; i < NAMES; i++) {
            data.topics().add(new MetadataResponseTopic().setName(i + "x".repeat(NAME_BYTES)));
        }
        return new MetadataResponse(data, VERSION);
    }

    private static List<Integer> all() {
        return IntStream.range(0, REQUESTS).boxed().toList();
    }

    @AfterEach
    void nothingIsLeft() {
        peers.forEach(peer -> peer.channel.finishAndReleaseAll());
        assertThat(memory.metric().usedHeapMemory()).isZero();
        assertThat(answers.usedBytes()).isZero();
    }

    @Test
    void answersBehindOneThatIsLongInComingAreFew() {
        Peer peer = new Peer().firstWaits().asks(REQUESTS);

        assertThat(peer.begun).hasSize(1 + 4);
        assertThat(peer.channel.config().isAutoRead()).isFalse();
        assertThat(answers.usedBytes()).isBetween(4L * ANSWER_BYTES, 5L * ANSWER_BYTES);

        peer.begun.getFirst().answer(answer());

        assertThat(peer.received()).isEqualTo(all());
        assertThat(peer.channel.config().isAutoRead()).isTrue();
        assertThat(answers.usedBytes()).isZero();
    }

    @Test
    void whoReadsNothingIsNotReadOnceAMebibyteWaitsForIt() {
        Peer peer = new Peer().readsNothing().asks(REQUESTS);

        assertThat(peer.begun).hasSize(4);
        assertThat(peer.channel.config().isAutoRead()).isFalse();
        assertThat(answers.usedBytes()).isBetween(4L * ANSWER_BYTES, 5L * ANSWER_BYTES);

        assertThat(peer.received()).isEqualTo(all());
        assertThat(peer.channel.config().isAutoRead()).isTrue();
        assertThat(answers.usedBytes()).isZero();
    }

    @Test
    void whatIsHeldGoesWithTheConnection() {
        Peer peer = new Peer().firstWaits().asks(REQUESTS);

        var _ = peer.channel.close();

        assertThat(memory.metric().usedHeapMemory()).isZero();
        assertThat(answers.usedBytes()).isZero();
        peer.begun.getFirst().answer(answer());
    }

    @Test
    void ofManyThatDoNotReadTheOldestAreClosedAndWhoReadsIsServed() {
        var idle = new ArrayList<Peer>();
        for (int i = 0; i < 10; i++) {
            nowMs += LATER_MS;
            idle.add(new Peer().readsNothing().asks(REQUESTS));
            peers.forEach(peer -> peer.channel.runPendingTasks());
        }
        Peer reader = new Peer().asks(REQUESTS);

        assertThat(reader.received()).isEqualTo(all());
        assertThat(answers.usedBytes()).isBetween(1L, (long) LIMIT_BYTES);
        long closed = idle.stream().filter(peer -> !peer.channel.isOpen()).count();
        assertThat(closed).isBetween(6L, 7L);
        assertThat(idle.subList(0, (int) closed)).noneMatch(peer -> peer.channel.isOpen());
    }
}
