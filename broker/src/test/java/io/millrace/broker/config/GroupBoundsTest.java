package io.millrace.broker.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Refusals as Apache Kafka 4.4.0's GroupConfig and its brokers were seen to word them. */
final class GroupBoundsTest {
    private static final BrokerConfig PLAIN = BrokerConfig.of(Map.of());
    private static final String LOCK = "share.record.lock.duration.ms";

    private static @Nullable String inForce(BrokerConfig broker, Map<String, String> own) {
        ConfigKey key = requireNonNull(GroupKeys.GROUPS.find(LOCK));
        return GroupBounds.inForce(broker, key, own);
    }

    @ParameterizedTest
    @CsvSource({
        "share.record.lock.duration.ms, 14999, must be in the range 15000 to 60000 inclusive.",
        "share.record.lock.duration.ms, 60001, must be in the range 15000 to 60000 inclusive.",
        "share.delivery.count.limit, 11, must be in the range 2 to 10 inclusive.",
        "share.partition.max.record.locks, 4001, must be in the range 100 to 4000 inclusive.",
        "share.session.timeout.ms, 44999, must be in the range 45000 to 60000 inclusive.",
        "share.heartbeat.interval.ms, 15001, must be in the range 5000 to 15000 inclusive.",
        "share.assignment.interval.ms, 15001, must be in the range 0 to 15000 inclusive.",
        "consumer.session.timeout.ms, 1, must be in the range 45000 to 60000 inclusive.",
        "streams.num.standby.replicas, 3, must be less than or equal to 2",
    })
    void aGroupIsRefusedWhatItsBrokerDoesNotAllow(String key, String value, String refusal) {
        assertThat(GroupBounds.problem(PLAIN, key, value)).isEqualTo(key + " " + refusal);
        assertThat(requireNonNull(GroupKeys.GROUPS.find(key)).problem(value)).isNull();
    }

    @Test
    void boundsThemselvesAreAllowed() {
        assertThat(GroupBounds.problem(PLAIN, LOCK, "15000")).isNull();
        assertThat(GroupBounds.problem(PLAIN, LOCK, " 60000 ")).isNull();
        assertThat(GroupBounds.problem(PLAIN, "streams.initial.rebalance.delay.ms", "99999999"))
                .isNull();
        assertThat(GroupBounds.problem(PLAIN, "share.isolation.level", "read_committed")).isNull();
    }

    @Test
    void whatIsSetAlreadyIsBroughtWithinTheBoundsOfNow() {
        var shorter = BrokerConfig.of(Map.of("group.share.min.record.lock.duration.ms", "1000"));

        assertThat(inForce(shorter, Map.of(LOCK, "2000"))).isEqualTo("2000");
        assertThat(inForce(PLAIN, Map.of(LOCK, "2000"))).isEqualTo("15000");
        assertThat(inForce(PLAIN, Map.of(LOCK, "90000"))).isEqualTo("60000");
    }

    @Test
    void theBrokersValueHoldsWhereAGroupSetsNone() {
        var broker = BrokerConfig.of(Map.of("group.share.record.lock.duration.ms", "20000"));

        assertThat(inForce(PLAIN, Map.of())).isEqualTo("30000");
        assertThat(inForce(broker, Map.of())).isEqualTo("20000");
        assertThat(inForce(broker, Map.of(LOCK, "16000"))).isEqualTo("16000");
    }

    @Test
    void aSessionLastsLongerThanAHeartbeat() {
        var broker =
                BrokerConfig.of(
                        Map.of(
                                "group.share.max.heartbeat.interval.ms", "50000",
                                "group.share.min.session.timeout.ms", "6000"));
        String refusal =
                "share.session.timeout.ms must be greater than share.heartbeat.interval.ms";

        assertThat(
                        GroupBounds.conflict(
                                broker,
                                Map.of(
                                        "share.session.timeout.ms", "6000",
                                        "share.heartbeat.interval.ms", "7000")))
                .isEqualTo(refusal);
        assertThat(GroupBounds.conflict(broker, Map.of("share.heartbeat.interval.ms", "49000")))
                .isEqualTo(refusal);
        assertThat(GroupBounds.conflict(broker, Map.of("share.session.timeout.ms", "6000")))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "group.share.record.lock.duration.ms, 10000,"
                + " must be greater than or equal to group.share.min.record.lock.duration.ms",
        "group.share.min.record.lock.duration.ms, 500, it must be at least 1000",
        "group.share.min.record.lock.duration.ms, 40000, it must be at most 30000",
        "group.share.max.record.lock.duration.ms, 20000, it must be at least 30000",
        "group.share.partition.max.record.locks, 5000,"
                + " must be greater than or equal to group.share.partition.max.record.locks",
        "group.share.delivery.count.limit, 11, it must be at most 10",
        "group.share.max.size, 1001, it must be at most 1000",
        "group.share.session.timeout.ms, 50,"
                + " must be greater than or equal to group.share.min.session.timeout.ms",
        "group.consumer.min.assignment.interval.ms, 50000,"
                + " must be greater than or equal to group.consumer.min.assignment.interval.ms",
        "group.streams.num.standby.replicas, 9,"
                + " must be greater than or equal to group.streams.num.standby.replicas",
    })
    void aBrokerWithoutSenseDoesNotStart(String key, String value, String refusal) {
        assertThatThrownBy(() -> BrokerConfig.of(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageEndingWith(refusal);
    }

    @Test
    void aHeartbeatAsLongAsASessionIsNoSense() {
        var values =
                Map.of(
                        "group.share.max.heartbeat.interval.ms", "50000",
                        "group.share.heartbeat.interval.ms", "46000");

        assertThatThrownBy(() -> BrokerConfig.of(values))
                .hasMessage(
                        "group.share.heartbeat.interval.ms must be less than"
                                + " group.share.session.timeout.ms");
    }
}
