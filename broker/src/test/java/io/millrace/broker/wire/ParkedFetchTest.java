package io.millrace.broker.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.handler.fetch.FetchHandler;
import io.millrace.broker.handler.fetch.FetchLimits;
import io.millrace.broker.handler.fetch.FetchRules;
import io.millrace.broker.handler.fetch.Racks;
import io.millrace.broker.loop.BrokerClock;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.loop.TestPartition;
import io.millrace.broker.net.Frame;
import io.millrace.broker.net.MemoryBudget;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.storage.Durability;
import io.millrace.storage.flush.FlushQueue;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fetches that would wait for weeks: what they hold meanwhile, and once nobody waits for them. */
@Timeout(60)
final class ParkedFetchTest {
    private static final short VERSION = 11;
    private static final int CHARGED_BYTES = 1000;
    private static final int PARKED_BYTES = 3000;

    private final EventLoopGroup events =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final Loops loops =
            new Loops(events, BrokerClock.SYSTEM, Integer.MAX_VALUE, 2L * PARKED_BYTES);
    private final FlushQueue flushes = new FlushQueue(1);
    private final MemoryBudget budget = new MemoryBudget(1 << 20, 1 << 20);
    private final LinkedBlockingQueue<Request> answered = new LinkedBlockingQueue<>();
    private final PartitionDirectory directory = new PartitionDirectory();
    private final OwnerLoop owner = loops.ownerOf("t", 0);
    private final OwnerLoop home = loops.all().get(loops.all().getFirst().equals(owner) ? 1 : 0);
    private final FetchHandler handler = handler();

    @TempDir private Path folder;

    private FetchHandler handler() {
        var alone = ClusterImage.empty("test");
        return new FetchHandler(
                directory,
                loops,
                new FetchRules(
                        new FetchLimits(1 << 20, 10, 1000),
                        new Racks(false, () -> alone),
                        ReplicaThrottle.ofLeader(() -> alone, 1)));
    }

    @BeforeEach
    void host() {
        Partition made = TestPartition.of("t", owner, flushes, Durability.OS, folder);
        directory.put(new HostedTopic(made.id().topicId(), "t", List.of(made)));
    }

    @AfterEach
    void stop() {
        events.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        flushes.close();
    }

    private Request fetch() {
        var partition = new FetchPartition().setPartition(0).setPartitionMaxBytes(1 << 20);
        var topic = new FetchTopic().setTopic("t").setPartitions(List.of(partition));
        var body =
                new FetchRequestData()
                        .setMaxWaitMs(Integer.MAX_VALUE)
                        .setMinBytes(Integer.MAX_VALUE)
                        .setTopics(List.of(topic));
        budget.release(-CHARGED_BYTES);
        return new Request(
                new RequestHeader(ApiKeys.FETCH, VERSION, "test", 1),
                FetchRequest.parse(MessageUtil.toByteBufferAccessor(body, VERSION), VERSION),
                new Client("/", "test", 1),
                answered::add,
                0,
                new Frame(Unpooled.buffer(1), budget, CHARGED_BYTES));
    }

    /** Lets both loops do what they have to; nothing comes to them from elsewhere. */
    private void settle() {
        for (int i = 0; i < 4; i++) {
            CompletableFuture.runAsync(() -> {}, home).join();
            CompletableFuture.runAsync(() -> {}, owner).join();
        }
    }

    private long parkedBytes() {
        return CompletableFuture.supplyAsync(() -> home.parked().usedBytes(), home).join();
    }

    private Request parked() {
        Request request = fetch();
        home.execute(() -> handler.handle(request));
        settle();
        return request;
    }

    @Test
    void aFetchThatWaitsTakesNothingOfTheBudgetForRequests() {
        parked();

        assertThat(budget.usedBytes()).isZero();
        assertThat(parkedBytes()).isBetween((long) CHARGED_BYTES, 2L * CHARGED_BYTES);
        assertThat(answered).isEmpty();
    }

    @Test
    void aFetchThatWaitsIsGoneAtOnceWithItsConnection() {
        Request request = parked();

        home.execute(request::abandon);
        settle();

        assertThat(answered).containsExactly(request);
        assertThat(parkedBytes()).isZero();
    }

    @Test
    void aFetchWhoseConnectionEndsWhileItReadsDoesNotWaitForAnybody() throws Exception {
        var mayRead = new CountDownLatch(1);
        owner.execute(() -> {
            try {
                mayRead.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Request request = fetch();
        home.execute(() -> handler.handle(request));
        home.execute(request::abandon);
        CompletableFuture.runAsync(() -> {}, home).join();

        mayRead.countDown();

        assertThat(answered.poll(30, TimeUnit.SECONDS)).isSameAs(request);
        assertThat(parkedBytes()).isZero();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void thoseThatHaveWaitedLongestAreAnsweredOnceTooManyWait() throws Exception {
        Request first = parked();
        Request second = parked();
        parked();

        assertThat(answered.poll(30, TimeUnit.SECONDS)).isSameAs(first);
        assertThat(first.response()).isNotNull();
        settle();
        assertThat(answered).isEmpty();
        assertThat(second.isAnswered()).isFalse();
        assertThat(budget.usedBytes()).isZero();
    }
}
