package io.millrace.cluster;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Command.CreatePartitions;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Accepted;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a command may be submitted again after an attempt of which nobody knows what came, and
 * what the second answer means then. Stateless.
 *
 * <p>All of them may. A change of a node, a configuration, a feature, the wish of a leader, an
 * election and a move say how things are to be, not by how much they are to change; they name the
 * epochs that they are based on, if they have any, and are refused if those are over. A topic is
 * known by its id, which whoever wants it chose: the controller accepts the second creation without
 * doing anything, also where the topic was {@linkplain DeletedTopics deleted} since. Partitions are
 * given by how many there are to be in the end. Producer ids that an attempt took in vain are
 * nobody's, and never will be anyone's.
 *
 * <p>What else is refused because the first attempt has done it counts as accepted.
 */
final class RepeatedCommands {
    private RepeatedCommands() {}

    /**
     * What the decisions about commands that were submitted before mean.
     *
     * @param image with all in it that the decisions rest on
     */
    static List<Decision> settle(
            List<? extends Command> commands, List<Decision> decisions, ClusterImage image) {
        var settled = new ArrayList<Decision>(decisions.size());
        for (int i = 0; i < decisions.size(); i++) {
            Decision decision = decisions.get(i);
            boolean done =
                    decision instanceof Refused(Reason reason, String _)
                            && isDone(commands.get(i), reason, image);
            settled.add(done ? new Accepted(List.of()) : decision);
        }
        return settled;
    }

    /** Whether things are as the command wants them, and that is why it is refused. */
    private static boolean isDone(Command command, Reason reason, ClusterImage image) {
        return switch (command) {
            case CreatePartitions create ->
                    reason == Reason.INVALID_PARTITIONS && isThere(create, image);
            case Command.DeleteTopic _ -> reason == Reason.UNKNOWN_TOPIC_ID;
            case Command.UnregisterNode _ -> reason == Reason.UNKNOWN_NODE;
            case Command.Reassign reassign ->
                    reason == Reason.NO_REASSIGNMENT_IN_PROGRESS && reassign.target().isEmpty();
            case Command.CreateTopic _,
                    Command.ChangeConfig _,
                    Command.AllocateProducerIds _,
                    Command.SetFeatureLevel _,
                    Command.RegisterNode _,
                    Command.ChangeNode _,
                    Command.AlterPartition _,
                    Command.ReplicaFailed _,
                    Command.ElectLeader _,
                    Command.BalanceLeaders _ ->
                    false;
        };
    }

    private static boolean isThere(CreatePartitions create, ClusterImage image) {
        TopicImage topic = image.topic(create.topic());
        return topic != null && topic.partitions().size() >= create.total();
    }
}
