package io.millrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FrameDecoderTest {
    private static final int LARGEST = 1000;

    private final MemoryBudget budget = new MemoryBudget(500, LARGEST);

    /** Keeps the signals that a connection is given. */
    private static final class Signals extends ChannelInboundHandlerAdapter {
        private final List<Object> heard = new ArrayList<>();

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            heard.add(event);
        }
    }

    private EmbeddedChannel connection(Signals signals) {
        return new EmbeddedChannel(
                new FrameDecoder(budget, new FrameLimits(LARGEST, LARGEST)), signals);
    }

    private static ByteBuf frame(int bytes) {
        return Unpooled.buffer().writeInt(bytes).writeZero(bytes);
    }

    @Test
    void aConnectionThatIsReadWhileMemoryIsShortIsResumedOnce() {
        var signals = new Signals();
        EmbeddedChannel connection = connection(signals);
        assertThat(budget.tryCharge(600)).isTrue();

        for (int i = 0; i < 5; i++) {
            connection.pipeline().fireChannelReadComplete();
        }
        assertThat(budget.pausedConnections()).isOne();
        assertThat(connection.config().isAutoRead()).isFalse();
        budget.release(600);
        connection.runPendingTasks();

        assertThat(signals.heard)
                .filteredOn(event -> event == MemoryBudget.Signal.FREED)
                .hasSize(1);
        assertThat(signals.heard).last().isEqualTo(MemoryBudget.Signal.FREED);
        assertThat(budget.pausedConnections()).isZero();
    }

    @Test
    void aClosedConnectionIsNotWaitedFor() {
        EmbeddedChannel connection = connection(new Signals());
        assertThat(budget.tryCharge(600)).isTrue();
        connection.pipeline().fireChannelReadComplete();

        connection.close().syncUninterruptibly();

        assertThat(budget.pausedConnections()).isZero();
    }

    @Test
    void aFrameThatNeverEndsGivesWayWhenMemoryIsShort() {
        EmbeddedChannel connection = connection(new Signals());
        connection.freezeTime();
        connection.writeInbound(frame(900).writerIndex(700));
        assertThat(budget.usedBytes()).isGreaterThan(500);

        connection.advanceTimeBy(FrameDecoder.STALLED_AFTER_MS, TimeUnit.MILLISECONDS);
        connection.runScheduledPendingTasks();

        assertThat(budget.usedBytes()).isZero();
        assertThatThrownBy(connection::checkException).isInstanceOf(FrameException.class);
    }

    @Test
    void aSlowFrameIsWaitedForWhileThereIsMemory() {
        EmbeddedChannel connection = connection(new Signals());
        connection.freezeTime();
        ByteBuf slow = frame(400);
        connection.writeInbound(slow.readRetainedSlice(200));

        connection.advanceTimeBy(10 * FrameDecoder.STALLED_AFTER_MS, TimeUnit.MILLISECONDS);
        connection.runScheduledPendingTasks();
        connection.writeInbound(slow);

        Frame whole = connection.readInbound();
        assertThat(whole.bytes().readableBytes()).isEqualTo(400);
        whole.release();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void onlyAProduceRequestMayBeLarge() {
        var limits = new FrameLimits(100_000, 10_000);
        var roomy = new MemoryBudget(1 << 20, 100_000);
        short metadata = 3;
        for (int piece : new int[] {1, 7, 20_004}) {
            var connection = new EmbeddedChannel(new FrameDecoder(roomy, limits));
            ByteBuf produce = frame(20_000);
            while (produce.readableBytes() > piece) {
                connection.writeInbound(produce.readRetainedSlice(piece));
            }
            connection.writeInbound(produce);
            Frame whole = connection.readInbound();
            assertThat(roomy.usedBytes()).isLessThan(40_000);
            whole.release();
        }
        var other = new EmbeddedChannel(new FrameDecoder(roomy, limits));
        assertThatThrownBy(() -> other.writeInbound(frame(20_000).setShort(4, metadata)))
                .isInstanceOf(FrameException.class);
        other.close().syncUninterruptibly();
        assertThat(roomy.usedBytes()).isZero();
    }

    @Test
    void aRequestIsChargedForWhatItDecodesTo() {
        var limits = new FrameLimits(100_000, 100_000);
        var roomy = new MemoryBudget(1 << 20, 100_000);
        var connection = new EmbeddedChannel(new FrameDecoder(roomy, limits));

        connection.writeInbound(frame(10_000).setShort(4, 3));

        Frame metadata = connection.readInbound();
        assertThat(roomy.usedBytes()).isGreaterThan(200_000);
        metadata.release();
        assertThat(roomy.usedBytes()).isZero();
    }

    @Test
    void aGroupOfLargeMembersWaitsWithoutStoppingTheListener() {
        var limits = new FrameLimits(100 << 20, 2 << 20);
        var roomy = new MemoryBudget(128L << 20, 100 << 20);
        var connection = new EmbeddedChannel(new FrameDecoder(roomy, limits));
        short joinGroup = 11;

        for (int member = 0; member < 200; member++) {
            connection.writeInbound(frame(28_000).setShort(4, joinGroup));
        }

        assertThat(roomy.isExhausted()).isFalse();
        assertThat(roomy.usedBytes()).isEqualTo(200 * 2 * 28_000);
        for (Frame join = connection.readInbound(); join != null; join = connection.readInbound()) {
            join.release();
        }
        assertThat(roomy.usedBytes()).isZero();
    }

    @Test
    void anIllegalLengthIsRefusedBeforeAnythingIsKept() {
        for (int length : new int[] {0, -1, LARGEST + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            EmbeddedChannel connection = connection(new Signals());
            assertThatThrownBy(() -> connection.writeInbound(Unpooled.buffer().writeInt(length)))
                    .isInstanceOf(FrameException.class);
            assertThat(budget.usedBytes()).isZero();
        }
    }
}
