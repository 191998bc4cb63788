package io.millrace.broker.group.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.group.member.MatchedTopics;
import io.millrace.broker.group.task.Layout;
import io.millrace.broker.group.task.Topology;
import io.millrace.broker.group.task.Topology.InternalTopic;
import io.millrace.broker.group.task.Topology.Subtopology;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many partitions the repartition topics of a topology get that may choose. */
final class StreamsLayoutTest {
    private static final TestCluster CLUSTER =
            TestCluster.EMPTY.with("small", 2).with("large", 7).with("one", 1);

    private static Subtopology subtopology(
            String id, List<String> sources, List<String> reads, List<String> writes) {
        return new Subtopology(
                id,
                sources,
                List.of(),
                List.of(),
                writes,
                reads.stream().map(name -> new InternalTopic(name, 0, 0, Map.of())).toList(),
                List.of());
    }

    private static Layout layout(List<Subtopology> subtopologies) {
        return Layout.of(new Topology(0, subtopologies), new MatchedTopics(), CLUSTER);
    }

    @Test
    void aRepartitionTopicGetsTheMostPartitionsOfAllThatReachesItInWhateverOrder() {
        var subtopologies =
                new ArrayList<>(
                        List.of(
                                subtopology("a", List.of("small"), List.of(), List.of("x")),
                                subtopology("b", List.of("large"), List.of(), List.of("y")),
                                subtopology("c", List.of(), List.of("y"), List.of("z")),
                                subtopology("d", List.of(), List.of("z"), List.of("x")),
                                subtopology("e", List.of(), List.of("x"), List.of("x", "w")),
                                subtopology("f", List.of("one"), List.of("w"), List.of())));
        var random = new Random(7);
        for (int i = 0; i < 50; i++) {
            Collections.shuffle(subtopologies, random);

            assertThat(layout(subtopologies).tasks())
                    .isEqualTo(Map.of("a", 2, "b", 7, "c", 7, "d", 7, "e", 7, "f", 7));
        }
    }

    @Test
    void topicsThatOnlyFeedEachOtherAreToldOf() {
        Layout layout =
                layout(
                        List.of(
                                subtopology("a", List.of(), List.of("x"), List.of("y")),
                                subtopology("b", List.of(), List.of("y"), List.of("x"))));

        assertThat(layout.problem())
                .isEqualTo(
                        new Layout.Problem(
                                Layout.Problem.Kind.MISSING_SOURCE_TOPICS,
                                "Nothing tells how many partitions these have: [x, y]"));
    }

    /** Each from the one that comes after it: a pass from first to last finds out one at a time. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aChainOfTenThousandIsWorkedOut() {
        int links = 10_000;
        var chain = new ArrayList<Subtopology>();
        for (int i = 0; i < links; i++) {
            chain.add(subtopology("s" + i, List.of(), List.of("r" + (i + 1)), List.of("r" + i)));
        }
        chain.add(subtopology("first", List.of("one"), List.of(), List.of("r" + links)));
        chain.add(subtopology("last", List.of(), List.of("r0"), List.of()));

        assertThat(layout(chain).tasks()).containsEntry("last", 1).hasSize(links + 2);
    }

    /** What is told of one problem is put into words once, not for each topic of the group. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aLargeGroupOfUnequalTopicsIsToldOfOnce() {
        var group = new ArrayList<>(Collections.nCopies(90_000, "small"));
        group.add("large");
        var subtopology =
                new Subtopology(
                        "a",
                        List.of("small", "large"),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(group));

        Layout.Problem problem = layout(List.of(subtopology)).problem();

        assertThat(problem)
                .extracting(Layout.Problem::kind)
                .isEqualTo(Layout.Problem.Kind.INCORRECTLY_PARTITIONED_TOPICS);
    }
}
