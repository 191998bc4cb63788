package io.millrace.cluster.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.controller.Command.CreateTopic;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Names that metrics could not tell apart, in clusters of few topics and of many. */
final class CollidingNamesTest {
    private final Nodes nodes = new Nodes();

    private Decision create(String name) {
        return Controller.decide(
                nodes.image(),
                new CreateTopic(new UUID(3, 4), name, 1, 1, List.of(), Map.of()),
                Policy.DEFAULT);
    }

    private void assertTwins(String name, String present) {
        assertThat(create(name))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.reason()).isEqualTo(Reason.INVALID_TOPIC);
                            assertThat(refused.message()).contains("'%s'".formatted(present));
                        });
    }

    @Test
    void aNameThatDiffersInDotsAndUnderscoresAloneIsRefused() {
        nodes.join(1);
        nodes.create("a.b_c", 1, 1, Map.of());
        nodes.create("_".repeat(200), 1, 1, Map.of());
        for (int others : new int[] {0, 100}) {
            for (int i = 0; i < others; i++) {
                nodes.create("other-" + i, 1, 1, Map.of());
            }

            assertTwins("a_b_c", "a.b_c");
            assertTwins("a.b.c", "a.b_c");
            assertTwins("a_b.c", "a.b_c");
            assertTwins("_".repeat(100) + ".".repeat(100), "_".repeat(200));
            assertThat(create("a.b.d")).isInstanceOf(Accepted.class);
            assertThat(create("a.b-c")).isInstanceOf(Accepted.class);
            assertThat(create("plain")).isInstanceOf(Accepted.class);
            assertThat(create(".".repeat(199))).isInstanceOf(Accepted.class);
        }
    }

    @Test
    void eachPlaceDoublesTheLookalikes() {
        assertThat(TopicNames.lookalikes("a.b_c"))
                .containsExactlyInAnyOrder("a.b.c", "a.b_c", "a_b.c", "a_b_c");
        assertThat(TopicNames.lookalikeCount("a.b_c")).isEqualTo(4);
        assertThat(TopicNames.lookalikes("abc")).containsExactly("abc");
    }
}
