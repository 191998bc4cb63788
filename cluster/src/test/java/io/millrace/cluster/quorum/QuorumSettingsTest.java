package io.millrace.cluster.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cluster.quorum.raft.QuorumSettings;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QuorumSettingsTest {
    @Test
    void votersAreReadAsKafkaWritesThem() {
        assertThat(QuorumSettings.parseVoters("1@a.example:9093,2@10.0.0.2:19093,30@[::1]:1"))
                .containsEntry(1, InetSocketAddress.createUnresolved("a.example", 9093))
                .containsEntry(2, InetSocketAddress.createUnresolved("10.0.0.2", 19093))
                .containsEntry(30, InetSocketAddress.createUnresolved("::1", 1))
                .hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a:9093",
                "1@a",
                "1@:9093",
                "@a:9093",
                "x@a:9093",
                "-1@a:9093",
                "1@a:x",
                "1@a:70000",
                "1@a:1,",
                "1@a:1,1@b:2"
            })
    void whatNamesNoVoterIsRefused(String list) {
        assertThatThrownBy(() -> QuorumSettings.parseVoters(list))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFollowerMustWaitLongerThanItsFetch() {
        assertThatThrownBy(() -> new QuorumSettings.Timing(1000, 500, 1000, 2000))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
