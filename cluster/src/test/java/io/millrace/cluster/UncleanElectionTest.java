package io.millrace.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cluster.SharedMetadataLog.Member;
import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Policy;
import io.millrace.cluster.metadata.ConfigResource;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A partition whose only replica in sync is gone, and an admin who would rather lose records. */
final class UncleanElectionTest {
    private static final UUID TOPIC = new UUID(1, 1);

    private final SharedMetadataLog log = new SharedMetadataLog();
    private final Member member = log.join(1, (_, _) -> {});
    private final MetadataService service =
            new MetadataService(
                    member,
                    Runnable::run,
                    new ControllerSettings("c", 1, Policy.DEFAULT, 9_000, 0, 10),
                    (node, request) -> {
                        throw new AssertionError("nobody else is asked");
                    },
                    () -> 0);

    @BeforeEach
    void loseTheOneInSync() {
        service.start();
        log.elect(member, 0);
        for (int id = 1; id <= 2; id++) {
            submit(new Command.RegisterNode(new NodeImage(id, "host", 9092, "")));
        }
        submit(new Command.CreateTopic(TOPIC, "t", 1, 2, List.of(List.of(1, 2)), Map.of()));
        submit(change(2, true));
        submit(change(2, false));
        submit(change(1, true));
        tick();
    }

    private void submit(Command command) {
        var _ = service.submit(List.of(command));
        member.commit(Integer.MAX_VALUE);
    }

    private void tick() {
        service.tick();
        member.commit(Integer.MAX_VALUE);
    }

    private Command.ChangeNode change(int id, boolean fenced) {
        NodeImage node = Objects.requireNonNull(log.image().nodes().get(id));
        return new Command.ChangeNode(id, node.registration().epoch(), fenced, false);
    }

    private int leader() {
        return Objects.requireNonNull(log.image().partition(TOPIC, 0)).leader();
    }

    @ParameterizedTest
    @ValueSource(strings = {"t", ""})
    void whoIsThereLeadsOnceItMay(String resource) {
        assertThat(leader()).isEqualTo(PartitionImage.NO_LEADER);

        var type = resource.isEmpty() ? ConfigResource.Type.BROKER : ConfigResource.Type.TOPIC;
        submit(
                new Command.ChangeConfig(
                        new ConfigResource(type, resource),
                        Map.of("unclean.leader.election.enable", Optional.of("true"))));
        tick();

        assertThat(leader()).isEqualTo(2);
    }
}
