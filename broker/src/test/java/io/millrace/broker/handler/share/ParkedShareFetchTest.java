package io.millrace.broker.handler.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.coordinator.GroupCoordinator;
import io.millrace.broker.coordinator.QueueCoordinator;
import io.millrace.broker.group.ClusterView;
import io.millrace.broker.group.GroupLimits;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.peer.MemberRouter;
import io.millrace.broker.handler.peer.QueueRouter;
import io.millrace.broker.handler.peer.ShareMembership;
import io.millrace.broker.handler.queue.QueueConfigs;
import io.millrace.broker.handler.topic.Topics;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.TestPartition;
import io.millrace.broker.net.Frame;
import io.millrace.broker.net.MemoryBudget;
import io.millrace.broker.net.Transport;
import io.millrace.broker.queue.QueueReply;
import io.millrace.broker.queue.QueueRequest;
import io.millrace.broker.queue.model.QueueError;
import io.millrace.broker.wire.Client;
import io.millrace.broker.wire.Hangup;
import io.millrace.broker.wire.Peers;
import io.millrace.broker.wire.Request;
import io.millrace.broker.wire.Uuids;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.storage.Durability;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.flush.FlushQueue;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ShareFetchRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Share fetches that wait: what ends that, and what they hold until then. One loop, by hand. */
final class ParkedShareFetchTest {
    private static final int CHARGED_BYTES = 1000;
    private static final int PARKED_BYTES = CHARGED_BYTES + 400;
    private static final int MAX_WAIT_MS = 60_000;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Loops loops =
            new Loops(channel.eventLoop(), () -> 0, Integer.MAX_VALUE, 2L * PARKED_BYTES);
    private final OwnerLoop home = loops.all().getFirst();
    private final FlushQueue flushes = new FlushQueue(1);
    private final MemoryBudget budget = new MemoryBudget(1 << 20, 1 << 20);
    private final PartitionDirectory directory = new PartitionDirectory();
    private final QueueAccess access = access();
    private final List<String> answered = new ArrayList<>();

    @TempDir private Path folder;
    private Partition partition;

    private QueueAccess access() {
        ClusterImage alone = ClusterImage.empty("c");
        var peers =
                new Peers(
                        channel.eventLoop(),
                        Transport.best(),
                        new Peers.PeerSettings("test", 1000, 1000));
        var leaders = new LeaderPeers(1, () -> alone, peers);
        var configs = new QueueConfigs(() -> alone, BrokerConfig.of(Map.of()));
        var queues =
                new QueueCoordinator(
                        directory,
                        Topics.SHARE_STATE,
                        configs::settings,
                        topic -> true,
                        (dead, done) -> {},
                        key -> {});
        var groups =
                new GroupCoordinator(
                        directory,
                        new GroupLimits(0, 10, 1_000_000, 10, 100, 1_000_000, 1000),
                        () -> ClusterView.NOTHING,
                        effect -> {},
                        Topics.OFFSETS);
        return new QueueAccess(
                new QueueRouter(queues, leaders),
                configs,
                new MemberRouter(group -> -1, new ShareMembership(groups), leaders));
    }

    @BeforeEach
    void beginTheQueue() {
        channel.freezeTime();
        partition = host("t");
        host(Topics.SHARE_STATE);
        var begun = new ArrayList<QueueReply>();
        access.queues().handle(new QueueRequest.Initialize(part().key(), 0), begun::add);
        pass(0);
        assertThat(begun).extracting(QueueReply::error).containsExactly(QueueError.NONE);
    }

    private Partition host(String topic) {
        Partition made = TestPartition.of(topic, home, flushes, Durability.OS, folder);
        directory.put(new HostedTopic(made.id().topicId(), topic, List.of(made)));
        return made;
    }

    @AfterEach
    void stop() {
        flushes.close();
        channel.finishAndReleaseAll();
    }

    /** Time passes, and the loop does all that it has to until then. */
    private void pass(long ms) {
        channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
        do {
            channel.runPendingTasks();
        } while (channel.hasPendingTasks());
    }

    private SharePart part() {
        var target = new ShareSession.Target(Uuids.toWire(partition.id().topicId()), 0);
        return SharePart.of(directory, "g", target, List.of());
    }

    private void produce() {
        partition.append(new BatchBuilder().add(10, null, new byte[1]).build(), Origin.CLIENT);
        pass(0);
    }

    /**
     * A member's fetch; its records, and the times they were delivered, are said under its name.
     */
    private Request fetch(String member) {
        Request request = begin(member);
        pass(0);
        return request;
    }

    private Request begin(String member) {
        budget.release(-CHARGED_BYTES);
        var request =
                new Request(
                        new RequestHeader(ApiKeys.SHARE_FETCH, (short) 2, "test", 1),
                        new ShareFetchRequest(new ShareFetchRequestData(), (short) 2),
                        new Client("/", "test", 1),
                        finished -> {},
                        0,
                        new Frame(Unpooled.buffer(1), budget, CHARGED_BYTES));
        var session = new ShareSession(new ShareSession.Key("g", member));
        var wants = new ShareFetchWants(100, 1 << 20, MAX_WAIT_MS, false, 100);
        var items = List.of(new ShareFetchItem(part()));
        var ending =
                new ShareFetchOperation.Home(
                        home,
                        session.begin(),
                        fetched -> {
                            answered.add(member + " " + said(fetched));
                            fetched.forEach(ShareFetchItem::drop);
                            request.answerNothing();
                        });
        new ShareFetchOperation(request, session, wants, items, access, ending).start();
        return request;
    }

    private static List<String> said(List<ShareFetchItem> fetched) {
        return fetched.stream()
                .flatMap(item -> item.data().acquiredRecords().stream())
                .map(run -> run.firstOffset() + "x" + run.deliveryCount())
                .toList();
    }

    @Test
    void whatWaitsTakesNothingOfTheBudgetForRequests() {
        fetch("a");

        assertThat(answered).isEmpty();
        assertThat(budget.usedBytes()).isZero();
        assertThat(home.parked().usedBytes()).isEqualTo(PARKED_BYTES);
    }

    @Test
    void aProduceEndsTheWait() {
        fetch("a");

        produce();

        assertThat(answered).containsExactly("a [0x1]");
        assertThat(home.parked().usedBytes()).isZero();
        assertThat(channel.runScheduledPendingTasks()).as("until a timer").isEqualTo(-1);
    }

    @Test
    void whoIsWokenForNothingWaitsOn() {
        fetch("a");
        fetch("b");

        produce();
        assertThat(answered).containsExactly("a [0x1]");
        assertThat(home.parked().usedBytes()).isEqualTo(PARKED_BYTES);

        produce();
        assertThat(answered).containsExactly("a [0x1]", "b [1x1]");
        assertThat(home.parked().usedBytes()).isZero();
    }

    @Test
    void nothingIsAnsweredAtTheEndOfTheWaitAndNotBefore() {
        fetch("a");

        pass(MAX_WAIT_MS - 1);
        assertThat(answered).isEmpty();

        pass(1);
        assertThat(answered).containsExactly("a []");
        assertThat(home.parked().usedBytes()).isZero();
    }

    @Test
    void aFetchIsGoneWithItsConnectionAndTakesNoRecords() {
        Request request = fetch("a");

        Hangup.of(request);
        pass(0);
        assertThat(answered).containsExactly("a []");
        assertThat(home.parked().usedBytes()).isZero();
        assertThat(budget.usedBytes()).isZero();

        produce();
        fetch("b");
        assertThat(answered).containsExactly("a []", "b [0x1]");
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void whatItWasTakingWhenItsConnectionEndedWasNotDelivered() {
        produce();
        Request request = begin("a");

        Hangup.of(request);
        pass(0);
        fetch("b");

        assertThat(answered).containsExactly("a []", "b [0x1]");
    }

    @Test
    void whoHasWaitedLongestIsAnsweredOnceTooManyWait() {
        fetch("a");
        fetch("b");
        fetch("c");

        assertThat(answered).containsExactly("a []");
        assertThat(home.parked().usedBytes()).isEqualTo(2 * PARKED_BYTES);
    }
}
