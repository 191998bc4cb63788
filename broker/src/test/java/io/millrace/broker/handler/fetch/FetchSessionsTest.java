package io.millrace.broker.handler.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.handler.fetch.FetchSession.Kind;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.junit.jupiter.api.Test;

final class FetchSessionsTest {
    private static final Uuid TOPIC = new Uuid(1, 2);
    private static final Kind CONSUMER = new Kind(false, true);
    private static final Kind FOLLOWER = new Kind(true, true);
    private static final long EVICTION_MS = 1_000;

    private final AtomicInteger ids = new AtomicInteger();
    private final FetchSessions sessions = new FetchSessions(2, EVICTION_MS, ids::incrementAndGet);

    private static FetchRequestData asks(int session, int epoch, int... partitions) {
        var topic = new FetchRequestData.FetchTopic().setTopicId(TOPIC);
        for (int index : partitions) {
            topic.partitions()
                    .add(
                            new FetchRequestData.FetchPartition()
                                    .setPartition(index)
                                    .setCurrentLeaderEpoch(epoch));
        }
        return new FetchRequestData()
                .setSessionId(session)
                .setSessionEpoch(epoch)
                .setTopics(partitions.length == 0 ? List.of() : List.of(topic));
    }

    private int open(Kind kind, long nowMs) {
        FetchRequestData full = asks(0, FetchMetadata.INITIAL_EPOCH, 0, 1);
        return Objects.requireNonNull(sessions.plan(full, kind, nowMs).plan()).sessionId();
    }

    private Errors use(int session, int epoch, Kind kind, long nowMs) {
        return sessions.plan(asks(session, epoch), kind, nowMs).error();
    }

    @Test
    void aSessionGoesOnWithWhatItHasUntilThatIsForgotten() {
        int id = open(FOLLOWER, 0);
        FetchRequestData less = asks(id, 1);
        less.forgottenTopicsData()
                .add(new ForgottenTopic().setTopicId(TOPIC).setPartitions(List.of(0)));
        FetchPlan plan = Objects.requireNonNull(sessions.plan(less, FOLLOWER, 0).plan());

        assertThat(plan.full()).isFalse();
        assertThat(plan.partitions()).extracting(each -> each.key().index()).containsExactly(1);
    }

    @Test
    void whoIsNotInStepIsTold() {
        int id = open(FOLLOWER, 0);

        assertThat(use(id + 1, 1, FOLLOWER, 0)).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(use(id, 2, FOLLOWER, 0)).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
        assertThat(use(id, 1, new Kind(true, false), 0))
                .isEqualTo(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        assertThat(use(id, 1, FOLLOWER, 0)).isEqualTo(Errors.NONE);
        assertThat(use(id, 1, FOLLOWER, 0)).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
    }

    @Test
    void aFullRequestClosesTheSessionThatItNames() {
        int id = open(FOLLOWER, 0);
        sessions.plan(asks(id, FetchMetadata.INITIAL_EPOCH, 0), FOLLOWER, 0);

        assertThat(use(id, 1, FOLLOWER, 0)).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
    }

    @Test
    void aFollowerTakesTheSlotOfTheConsumerThatHasRestedLongest() {
        int first = open(CONSUMER, 0);
        int second = open(CONSUMER, 1);
        use(first, 1, CONSUMER, 2);

        assertThat(open(FOLLOWER, 3)).isNotZero();
        assertThat(use(second, 1, CONSUMER, 4)).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(use(first, 2, CONSUMER, 4)).isEqualTo(Errors.NONE);
    }

    @Test
    void whatIsInUseIsTakenByNobodyElse() {
        open(FOLLOWER, 0);
        open(CONSUMER, 0);
        assertThat(open(CONSUMER, EVICTION_MS)).isZero();
        assertThat(open(FOLLOWER, EVICTION_MS)).isNotZero();
        assertThat(open(FOLLOWER, EVICTION_MS)).isZero();
    }

    @Test
    void whatIsNotUsedIsGivenAway() {
        int follower = open(FOLLOWER, 0);
        open(CONSUMER, EVICTION_MS);

        assertThat(open(CONSUMER, EVICTION_MS + 1)).isNotZero();
        assertThat(use(follower, 1, FOLLOWER, EVICTION_MS + 1))
                .isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
    }

    /** What it was told while it followed in another epoch it may not have taken. */
    @Test
    void whoAsksInAnotherEpochIsToldEverythingAgain() {
        var wanted =
                new FetchPartition(
                        FetchSession.key("", TOPIC, 0),
                        new FetchRequestData.FetchPartition().setCurrentLeaderEpoch(1));
        var data = new PartitionData().setHighWatermark(7).setLogStartOffset(0);
        wanted.tell(data);
        wanted.want(
                new FetchRequestData.FetchPartition().setCurrentLeaderEpoch(1).setFetchOffset(9));
        assertThat(wanted.isNews(data)).isFalse();

        wanted.want(new FetchRequestData.FetchPartition().setCurrentLeaderEpoch(2));

        assertThat(wanted.isNews(data)).isTrue();
    }
}
