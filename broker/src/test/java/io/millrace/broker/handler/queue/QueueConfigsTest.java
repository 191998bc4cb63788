package io.millrace.broker.handler.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.queue.model.QueueKey;
import io.millrace.cluster.metadata.ClusterImage;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class QueueConfigsTest {
    private static QueueKey of(String group) {
        return new QueueKey(group, new UUID(0, 0), 0);
    }

    @Test
    void nothingIsKeptOfGroupsThatHaveNoSettingsOfTheirOwn() {
        var configs = new QueueConfigs(() -> ClusterImage.empty("c"), BrokerConfig.of(Map.of()));

        assertThat(configs.settings(of("a"))).isSameAs(configs.settings(of("b")));
        assertThat(configs.settings(of("a")).locks().durationMs()).isEqualTo(30_000);
    }
}
