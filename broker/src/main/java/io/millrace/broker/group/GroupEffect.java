package io.millrace.broker.group;

import io.millrace.broker.group.task.Topology.InternalTopic;
import java.util.List;

/** Something that a group needs done elsewhere. */
public sealed interface GroupEffect {
    /** Topics to make; what comes of it is seen in the cluster. */
    record CreateTopics(List<InternalTopic> topics) implements GroupEffect {}
}
