package io.millrace.broker.handler.share;

import io.millrace.broker.coordinator.QueueCoordinator;
import io.millrace.broker.handler.queue.QueueConfigs;
import io.millrace.broker.handler.queue.ShareMembership;

/** What share fetches work with: the queues, how they are set, and who may begin one. */
public record QueueAccess(QueueCoordinator queues, QueueConfigs configs, ShareMembership members) {}
