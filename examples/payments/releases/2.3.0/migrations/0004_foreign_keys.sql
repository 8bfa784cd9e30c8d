ALTER TABLE order_details
  ADD CONSTRAINT order_details_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customer_data (id);

ALTER TABLE payment_transactions
  ADD CONSTRAINT payment_transactions_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customer_data (id),
  ADD CONSTRAINT payment_transactions_order_id_fkey FOREIGN KEY (order_id) REFERENCES order_details (id);

ALTER TABLE settlements
  ADD CONSTRAINT settlements_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment_transactions (id);

ALTER TABLE payment_retry_queue
  ADD CONSTRAINT payment_retry_queue_order_id_fkey FOREIGN KEY (order_id) REFERENCES order_details (id),
  ADD CONSTRAINT payment_retry_queue_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment_transactions (id);

ALTER TABLE notification_outbox
  ADD CONSTRAINT notification_outbox_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment_transactions (id);

ALTER TABLE notifications
  ADD CONSTRAINT notifications_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment_transactions (id);
